"""Transfers for a terminal, and as documents."""
