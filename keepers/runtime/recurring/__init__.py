"""The keeper of recurring rebalancers, as settings and deployment have it."""
