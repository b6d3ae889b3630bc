"""Vaults: settings, runtime, keeper and commands."""
