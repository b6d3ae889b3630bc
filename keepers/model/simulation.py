"""Result of a simulation of a plan's calls."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.tier import TierValues


@dataclass(frozen=True, slots=True)
class FailedCall:
    """The first call that reverted, by its index, and why."""

    index: int
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Simulation:
    """The calls of a plan, run one after the other without being sent.

    Attributes:
        method: `eth_simulateV1` or `eth_call`.
        gas: Gas of each call; empty where the method does not say.
        received: What each call answered.
        tier_values: The tiers afterwards; None when a call failed.
        failed: The first call that reverted, None when none did.
    """

    method: str
    gas: tuple[int, ...]
    received: tuple[int, ...]
    tier_values: TierValues | None
    failed: FailedCall | None
