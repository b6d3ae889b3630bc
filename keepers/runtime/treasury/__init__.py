"""Treasuries of all chains: settings, runtime, bridges and keeper."""
