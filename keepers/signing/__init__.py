"""Signers of a keeper's transactions, and the checks of what they return."""
