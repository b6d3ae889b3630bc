"""Runs that bring the assets of one portfolio to their target weights, besides tier runs.

`scheduled_check` finds due portfolios, `plan` plans the trades, `risk` checks them, and `run`
executes them in one transaction.
"""

from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.run import rebalance_weights
from keepers.runs.weights.scheduled_check import check_weights

__all__ = ["WeightRunDependencies", "check_weights", "rebalance_weights"]
