"""Signers of a keeper's transactions, and checks of their results."""
