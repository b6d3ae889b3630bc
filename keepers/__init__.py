"""Ballast: planning, simulation, submission and recovery for an on-chain treasury."""
