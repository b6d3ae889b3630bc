"""Contracts: one class for each, with the types of its calls."""
