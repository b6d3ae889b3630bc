"""Treasuries as settings and deployments have them."""
