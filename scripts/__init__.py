"""Ape scripts, and tools that set up, run and show the local network."""
