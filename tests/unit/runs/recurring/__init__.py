"""The keeper of recurring rebalancers on paper."""
