"""How much gas an action may take."""

from __future__ import annotations

from keepers.model.vault import HoldingKind
from keepers.runs.policy import RunPolicy

SWAP_FACTOR = 2
"""A swap prices both tokens and crosses pools, which a deposit into a fund does not."""


def gas_limit_of(policy: RunPolicy, kind: HoldingKind) -> int:
    """The most that an action of a kind may take."""
    return policy.gas_limit * (SWAP_FACTOR if kind is HoldingKind.VENUE else 1)
