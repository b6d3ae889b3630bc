"""USDC by Circle's CCTP, version 2: burnt here, minted there with an attestation."""
