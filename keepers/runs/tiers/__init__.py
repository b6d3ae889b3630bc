"""Rebalance pipeline: plan, risk, approval, simulation, execution, verification, record.

`pipeline` runs the stages in this order, each in its own module. Every stage's result is stored
before the next one starts.
"""
