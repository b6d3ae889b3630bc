"""Transfers between chains: what carries them, and what is known of them."""
