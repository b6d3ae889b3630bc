"""Limits and tolerances that the owners of a vault set for its runs."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.model.tier_config import TierConfig
from keepers.model.vault import HoldingKind

SWAP_FACTOR = 2
"""Gas factor of a swap, which prices both tokens and crosses pools, unlike a fund deposit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPolicy:
    """Limits and tolerances of one vault's runs; ratios in basis points, amounts in wei.

    Attributes:
        tiers: Targets, bands and thresholds of planning.
        minimum_output_tolerance_bps: Allowed shortfall of an action's output below its quote.
        warn_slippage_bps: A larger estimated slippage causes a warning.
        block_slippage_bps: A larger estimated slippage rejects the plan.
        warn_impact_bps: A larger price impact on the venue causes a warning.
        block_impact_bps: A larger price impact on the venue rejects the plan.
        volatility_bps: Trades that are not urgent wait while a relevant feed has moved further ...
        volatility_window_seconds: ... within this time.
        gain_horizon_seconds: Expected period of extra earnings after a move to a higher yield.
        maximum_gas_share_bps: A move whose gas is a larger share of that gain is left out.
        verification_tolerance_bps: A larger deviation of a tier from its simulated value is an
            alert.
        cooldown_seconds: Waiting time after a run before non-urgent actions.
        repeat_seconds: Time after which a repeated refusal is reported again.
        moved_state_bps: A larger change of a tier since planning voids the plan's approval.
        plan_expiry_seconds: Maximum time for an action to be included.
        gas_limit: Gas limit of an action of an ERC-4626 fund; twice as much for a swap.
        plan_gas_limit: Gas limit of a transaction with several actions; a plan that needs more is
            split. Below the gas of two actions, each action has a transaction of its own.
        minimum_gas_balance: Minimum native balance kept on the keeper's key.
        confirmation_timeout_seconds: Maximum time to wait for a transaction's confirmation.
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
    plan_gas_limit: int = 2**24
    minimum_gas_balance: int = 0
    confirmation_timeout_seconds: float = 300

    def gas_limit_of(self, kind: HoldingKind) -> int:
        """Return the gas limit of a trade of a kind."""
        return self.gas_limit * (SWAP_FACTOR if kind is HoldingKind.VENUE else 1)
