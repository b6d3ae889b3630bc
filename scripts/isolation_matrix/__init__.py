"""Isolation matrix: what a broken component stops, what goes on, and the tests that show it."""
