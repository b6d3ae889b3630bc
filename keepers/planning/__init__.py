"""Pure functions from a snapshot to a plan: tiers, weights, inventory, and files that ask."""
