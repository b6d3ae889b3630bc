"""Mutation testing of the keepers' Python code."""
