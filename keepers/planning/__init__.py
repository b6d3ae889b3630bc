"""Pure planners from a snapshot to a plan: tiers, weights, inventory and planning files."""
