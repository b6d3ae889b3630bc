"""Estimated slippage and price impact, of each action and of the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

from keepers.model.order import OrderKind
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.loss_limits import bps, impact_problem, slippage_problem

THE_WHOLE = "the plan as a whole"


def blocked_by_losses(actions: Sequence[Action], policy: RunPolicy) -> str | None:
    """Why a plan loses too much; None if it does not."""
    for what, slippage in _slippages(actions):
        if slippage > policy.block_slippage_bps:
            return slippage_problem(what, slippage, policy)
    for what, impact in _impacts(actions):
        if impact > policy.block_impact_bps:
            return impact_problem(what, impact, policy)
    return None


def loss_warnings(actions: Sequence[Action], policy: RunPolicy) -> Iterator[str]:
    """What loses much, and not too much."""
    for what, slippage in _slippages(actions):
        if slippage > policy.warn_slippage_bps:
            yield f"{what} is estimated to lose {bps(slippage)} bps against the oracle"
    for what, impact in _impacts(actions):
        if impact > policy.warn_impact_bps:
            yield f"{what} is estimated to move the price in its venue by {bps(impact)} bps"


def total_slippage(actions: Sequence[Action]) -> Fraction:
    """Weighted by value: what is bought with the proceeds of a sale loses twice."""
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
