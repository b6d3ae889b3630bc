"""Deployment of a treasury: its intended state, and the comparison with its contracts."""
