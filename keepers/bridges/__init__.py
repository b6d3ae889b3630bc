"""Bridges, each behind the engine's `Bridge`: CCTP, LayerZero, an exchange, a custodian."""
