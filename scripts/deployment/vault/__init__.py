"""Deployment of a vault: its intended state, and how its contracts are compared with it."""
