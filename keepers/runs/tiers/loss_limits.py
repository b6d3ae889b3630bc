"""The most that one action may lose, against the oracle and in its venue."""

from __future__ import annotations

from fractions import Fraction

from keepers.model.numerals import format_rounded
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action


def too_lossy(action: Action, policy: RunPolicy) -> str | None:
    """Why an action loses too much; None if it does not."""
    slippage = Fraction(action.step.estimated_slippage_bps)
    if slippage > policy.block_slippage_bps:
        return slippage_problem(action.title, slippage, policy)
    if action.impact_bps is not None and action.impact_bps > policy.block_impact_bps:
        return impact_problem(action.title, action.impact_bps, policy)
    return None


def slippage_problem(what: str, slippage: Fraction, policy: RunPolicy) -> str:
    """The words for what loses too much."""
    return (
        f"{what} would lose {bps(slippage)} bps against the oracle, above the limit of "
        f"{policy.block_slippage_bps}; wait for a better market, or trade less"
    )


def impact_problem(what: str, impact: Fraction, policy: RunPolicy) -> str:
    """The words for what moves its venue's price too far."""
    return (
        f"{what} would move the price in its venue by {bps(impact)} bps, above the limit "
        f"of {policy.block_impact_bps}; trade less, or wait for more liquidity"
    )


def bps(value: Fraction) -> str:
    """Basis points for people."""
    return format_rounded(value, 1)
