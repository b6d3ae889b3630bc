"""Recurring rebalancers on a chain: due and stuck records, and the calls for them."""
