"""Ape scripts, and what sets up, runs and shows the local network."""
