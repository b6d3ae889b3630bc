"""Transfers between chains, and the inventory checks that plan them."""
