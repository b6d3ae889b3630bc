"""How much gas a run of weights may take."""

from __future__ import annotations

from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.gas import SWAP_FACTOR


def gas_cap_of(policy: RunPolicy) -> int:
    """As much as a swap, which is what policies admit; a run of three trades takes 610,000."""
    return policy.gas_limit * SWAP_FACTOR
