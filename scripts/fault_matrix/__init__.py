"""Fault matrix: faults that the transaction engine tolerates, and the tests that show it."""
