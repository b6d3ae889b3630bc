"""Deployment of a treasury: what should be on each chain, what is, and how they differ."""
