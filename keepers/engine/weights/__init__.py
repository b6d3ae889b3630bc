"""Runs that bring the assets of one portfolio to their target weights, beside those of tiers.

`due` says whose weights are due, `plan` what would be traded, `risk` whether it may be, `run` does
it in one transaction, and `recovery` first resolves what a killed run left behind.
"""

from keepers.engine.weights.checking import check_weights
from keepers.engine.weights.run import reweigh
from keepers.engine.weights.world import WeightsWorld

__all__ = ["WeightsWorld", "check_weights", "reweigh"]
