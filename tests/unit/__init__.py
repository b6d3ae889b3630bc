"""Fast tests without a network."""
