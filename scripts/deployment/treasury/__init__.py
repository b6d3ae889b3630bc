"""Deployment of a treasury: its intended state, and how its contracts are compared with it."""
