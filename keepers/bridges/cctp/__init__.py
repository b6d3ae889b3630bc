"""USDC over Circle's CCTP V2: burnt on one chain, minted on another with an attestation."""
