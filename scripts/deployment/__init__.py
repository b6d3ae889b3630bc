"""Deployment of Ballast's contracts: what should be on chain, what is, and how they differ."""
