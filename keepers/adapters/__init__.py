"""The outside world: chains, keys, the database, reports."""
