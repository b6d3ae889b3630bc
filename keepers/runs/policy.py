"""Limits and tolerances that the owners of a vault set for its runs."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.tier_config import TierConfig
from keepers.model.vault import HoldingKind

SWAP_FACTOR = 2
"""A swap prices both tokens and crosses pools, which a deposit into a fund does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """Limits and tolerances of one vault's runs; ratios in basis points, amounts in wei.

    Attributes:
        tiers: Targets, bands and thresholds to plan by.
        minimum_output_tolerance_bps: How far below its quote an action may end.
        warn_slippage_bps: A larger estimate is a warning.
        block_slippage_bps: A larger estimate refuses the plan.
        warn_impact_bps: A trade that moves its venue's price further is a warning.
        block_impact_bps: One that moves it further than this refuses the plan.
        volatility_bps: What is not urgent waits while a feed concerned has moved further ...
        volatility_window_seconds: ... within this time.
        gain_horizon_seconds: For how long a move to a higher yield is expected to earn it.
        maximum_gas_share_bps: A move whose gas is a larger part of that gain is left out.
        verification_tolerance_bps: A tier further off its simulated value is an alert.
        cooldown_seconds: After a run what is not urgent waits for so long.
        repeat_seconds: A refusal that is on record is reported again after so long.
        moved_state_bps: A tier further off the state that a plan was made from voids its approval.
        plan_expiry_seconds: How long an action may wait to be included.
        gas_limit: The most gas for an action of an ERC-4626 fund; a swap may take twice as much.
        minimum_gas_balance: The keeper's key keeps at least this.
        confirmation_timeout_seconds: How long to wait for a transaction to count.
    """

    tiers: TierConfig
    minimum_output_tolerance_bps: int = 50
    warn_slippage_bps: int = 200
    block_slippage_bps: int = 500
    warn_impact_bps: int = 200
    block_impact_bps: int = 500
    volatility_bps: int = 500
    volatility_window_seconds: int = 3_600
    gain_horizon_seconds: int = 2_592_000
    maximum_gas_share_bps: int = 1_000
    verification_tolerance_bps: int = 100
    cooldown_seconds: int = 900
    repeat_seconds: int = 86_400
    moved_state_bps: int = 100
    plan_expiry_seconds: int = 1_800
    gas_limit: int = 750_000
    minimum_gas_balance: int = 0
    confirmation_timeout_seconds: float = 300

    def gas_limit_of(self, kind: HoldingKind) -> int:
        """Return the most gas that a trade of a kind may take."""
        return self.gas_limit * (SWAP_FACTOR if kind is HoldingKind.VENUE else 1)
