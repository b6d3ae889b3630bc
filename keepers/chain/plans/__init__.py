"""Approved plans on chain: typed data to sign, calls that open and execute, status."""
