"""Putting the parts together: settings, wiring, what a command does."""
