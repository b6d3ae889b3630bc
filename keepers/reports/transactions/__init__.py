"""Transactions of the engine for people and machines."""
