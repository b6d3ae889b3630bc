"""Recurring rebalancers on a chain, on paper."""
