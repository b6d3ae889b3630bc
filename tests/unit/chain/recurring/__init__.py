"""Tests of recurring rebalancers, without a chain."""
