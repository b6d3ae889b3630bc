"""Bridges behind the engine's `Bridge` port: CCTP, LayerZero, an exchange, a custodian."""
