"""USDC by Circle's CCTP, version 2: burnt on one chain, minted on another with an attestation."""
