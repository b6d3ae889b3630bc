"""Risk check of a plan: permission, losses, volatile prices, and gas against gain."""
