"""Operator requests to the transaction engine: list, bump, cancel, retry, pause, synchronize."""
