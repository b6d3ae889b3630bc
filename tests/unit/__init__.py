"""Quick tests without a network."""
