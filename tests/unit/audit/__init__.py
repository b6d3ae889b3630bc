"""Policies of transactions."""
