"""Runs that bring the assets of one portfolio to their target weights, beside those of tiers.

`due` says whose weights are due, `plan` what would be traded, `risk` whether it may be, `run` does
it in one transaction, and `recovery` first resolves what a killed run left behind.
"""

from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.run import rebalance_weights
from keepers.runs.weights.scheduled_check import check_weights

__all__ = ["WeightRunDependencies", "check_weights", "rebalance_weights"]
