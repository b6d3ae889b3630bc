"""Recurring rebalancers, without a chain."""
