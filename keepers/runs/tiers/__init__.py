"""The rebalance pipeline: plan, risk, approval, simulation, execution, verification, record.

`pipeline` runs the stages in this order, each in a file of its own; `recovery` first resolves what
a killed run left behind. Every stage's result is in the store before the next one starts.
"""
