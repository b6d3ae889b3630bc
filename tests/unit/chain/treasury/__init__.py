"""A treasury as its keeper reads and calls it."""
