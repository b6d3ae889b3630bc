"""Runs of vault strategies: tiers, weights and recurring schedules."""
