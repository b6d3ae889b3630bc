"""Deployment of Ballast's contracts: intended state, state on chain, and their differences."""
