"""How much gas an action may take."""

from __future__ import annotations

from keepers.domain.errors_chain import GasAboveLimitError
from keepers.domain.vault import HoldingKind
from keepers.engine.policy import RunPolicy

SWAP_FACTOR = 2
"""A swap prices both tokens and crosses pools, which a deposit into a fund does not."""

HEADROOM = (6, 5)
"""The state can move between estimate and inclusion; gas that is not used is not paid."""


def gas_limit_of(policy: RunPolicy, kind: HoldingKind) -> int:
    """The most that an action of a kind may take."""
    return policy.gas_limit * (SWAP_FACTOR if kind is HoldingKind.VENUE else 1)


def gas_to_send(policy: RunPolicy, kind: HoldingKind, estimate: int) -> int:
    """The estimate with some headroom, up to the limit.

    Raises:
        GasAboveLimitError: The estimate itself is above the limit.
    """
    limit = gas_limit_of(policy, kind)
    if estimate > limit:
        raise GasAboveLimitError(estimate, limit)
    return min(estimate * HEADROOM[0] // HEADROOM[1], limit)
