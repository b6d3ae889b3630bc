"""Estimated slippage and price impact, per action and in total."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from keepers.model.money import format_rounded
from keepers.model.order import OrderKind
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action


def too_lossy(action: Action, policy: RunPolicy) -> str | None:
    """Return why an action loses too much; None if it does not."""
    slippage = Fraction(action.step.estimated_slippage_bps)
    if slippage > policy.block_slippage_bps:
        return slippage_problem(action.title, slippage, policy)
    if action.impact_bps is not None and action.impact_bps > policy.block_impact_bps:
        return impact_problem(action.title, action.impact_bps, policy)
    return None


def slippage_problem(what: str, slippage: Fraction, policy: RunPolicy) -> str:
    """Return the message for excessive slippage."""
    return (
        f"{what} would lose {bps(slippage)} bps against the oracle, above the limit of "
        f"{policy.block_slippage_bps}; wait for a better market, or trade less"
    )


def impact_problem(what: str, impact: Fraction, policy: RunPolicy) -> str:
    """Return the message for an excessive price impact."""
    return (
        f"{what} would move the price in its venue by {bps(impact)} bps, above the limit "
        f"of {policy.block_impact_bps}; trade less, or wait for more liquidity"
    )


def bps(value: Fraction) -> str:
    """Format basis points."""
    return format_rounded(value, 1)


THE_WHOLE = "the plan as a whole"


def blocked_by_losses(actions: Sequence[Action], policy: RunPolicy) -> str | None:
    """Return why a plan loses too much; None if it does not."""
    for what, slippage in _slippages(actions):
        if slippage > policy.block_slippage_bps:
            return slippage_problem(what, slippage, policy)
    for what, impact in _impacts(actions):
        if impact > policy.block_impact_bps:
            return impact_problem(what, impact, policy)
    return None


def loss_warnings(actions: Sequence[Action], policy: RunPolicy) -> Iterator[str]:
    """Yield warnings about losses above the warning limit."""
    for what, slippage in _slippages(actions):
        if slippage > policy.warn_slippage_bps:
            yield f"{what} is estimated to lose {bps(slippage)} bps against the oracle"
    for what, impact in _impacts(actions):
        if impact > policy.warn_impact_bps:
            yield f"{what} is estimated to move the price in its venue by {bps(impact)} bps"


def total_slippage(actions: Sequence[Action]) -> Fraction:
    """Return the value-weighted slippage; a purchase funded by a sale adds to the sale's loss."""
    lost = sum(
        Fraction(action.step.estimated_slippage_bps) * action.step.amount for action in actions
    )
    moved = sum(
        action.step.amount
        for action in actions
        if action.order.kind is OrderKind.SALE or not action.order.depends_on
    )
    return Fraction(lost) / moved if moved else Fraction(0)


def _slippages(actions: Sequence[Action]) -> Iterator[tuple[str, Fraction]]:
    for action in actions:
        yield action.title, Fraction(action.step.estimated_slippage_bps)
    yield THE_WHOLE, total_slippage(actions)


def _impacts(actions: Sequence[Action]) -> Iterator[tuple[str, Fraction]]:
    for action in actions:
        if action.impact_bps is not None:
            yield action.title, action.impact_bps
