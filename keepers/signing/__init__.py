"""Keys: how a keeper signs."""
