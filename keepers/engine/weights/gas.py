"""How much gas a run of weights may take."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.engine.policy import RunPolicy
from keepers.engine.rebalance.action import Action


def gas_cap_of(policy: RunPolicy, swaps: Sequence[Action]) -> int:
    """An action's limit for weighing the portfolio, and as much for each trade."""
    return policy.gas_limit * (1 + len(swaps))
