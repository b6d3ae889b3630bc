"""Deployment of the market of one chain, and its stored state."""
