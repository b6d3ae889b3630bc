"""Demo: a vault on a local chain leaves its targets, and a keeper restores them."""
