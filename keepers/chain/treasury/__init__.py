"""The team's treasury of a chain: where it is, how it stands, what is called and what happened."""
