"""Isolation matrix: effects of a broken component, work that continues, and the tests."""
