"""Logs and metrics of the keeper."""
