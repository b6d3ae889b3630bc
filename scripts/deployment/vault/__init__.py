"""Deployment of a vault: its intended state, and the comparison with its contracts."""
