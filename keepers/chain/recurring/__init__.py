"""Recurring rebalancers on a chain: what is due, what is stuck, what serves them."""
