"""Tests of the keeper of recurring rebalancers, on an in-memory chain."""
