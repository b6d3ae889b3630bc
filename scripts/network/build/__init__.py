"""Deploys the market of one chain and keeps its state."""
