"""Contracts, one class each, with the types of their calls."""
