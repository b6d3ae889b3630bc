"""Deferral of non-urgent actions while a relevant price moves too much."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from keepers.model.money import format_rounded
from keepers.model.risk import FeedHistory
from keepers.planning.tiers.legs import DEPLOYMENT
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.build_actions import TierRunPlan


@dataclass(frozen=True, slots=True)
class Waiting:
    """An action that is left out for now, by index, with the reason."""

    index: int
    reason: str


def is_urgent(action: Action) -> bool:
    """Return whether an action serves redemptions or a refill, which are never deferred."""
    return action.order.priority < DEPLOYMENT


def seeks_yield(planned: TierRunPlan, action: Action) -> bool:
    """Return whether an action moves value to a higher tier; reducing risk needs no gain."""
    legs = planned.plan.actions
    if is_urgent(action) or action.order.leg >= len(legs):
        return False  # actions that reverse an earlier run belong to no leg
    leg = legs[action.order.leg]
    return leg.to_tier > leg.from_tier


def together(actions: Iterable[Action], index: int) -> frozenset[int]:
    """Return an action with all actions linked to it through funding.

    A purchase has no funds without its sales, and the proceeds of a sale without its purchase would
    stay idle.
    """
    listed = list(actions)
    joined = {index}
    while True:
        more = {
            other
            for each in listed
            if joined & {each.step.index, *each.step.depends_on}
            for other in (each.step.index, *each.step.depends_on)
        }
        if more <= joined:
            return frozenset(joined)
        joined |= more


def without_waiting(planned: TierRunPlan, waiting: Iterable[Waiting]) -> TierRunPlan:
    """Return the plan without the waiting actions; the others keep their indices."""
    left_out = {each.index for each in waiting}
    kept = [
        (action, step_id)
        for action, step_id in zip(planned.actions, planned.step_ids, strict=True)
        if action.step.index not in left_out
    ]
    return replace(
        planned,
        actions=tuple(action for action, _ in kept),
        step_ids=tuple(step_id for _, step_id in kept),
    )


def unsettled(
    actions: Sequence[Action], feeds: Sequence[FeedHistory], settlement: str, policy: RunPolicy
) -> tuple[Waiting, ...]:
    """Return the actions that wait, in order.

    The settlement token's feed affects every action, an asset's feed those that trade the asset.
    """
    moved = [each for each in feeds if each.move_bps > policy.volatility_bps]
    waiting: dict[int, str] = {}
    for action in actions:
        found = next(
            (each for each in moved if each.symbol in {settlement, action.step.symbol}), None
        )
        if found is None or is_urgent(action):
            continue
        reason = _reason(found, policy)
        for index in together(actions, action.step.index):
            waiting.setdefault(index, reason)
    return tuple(Waiting(index, waiting[index]) for index in sorted(waiting))


def unread(feeds: Sequence[FeedHistory]) -> Iterator[str]:
    """Yield notes about feeds with incomplete history."""
    for each in feeds:
        if not each.reaches:
            yield (
                f"the feed of {each.symbol} has no prices back to {each.since}; it was "
                "evaluated with those available"
            )


def _reason(feed: FeedHistory, policy: RunPolicy) -> str:
    return (
        f"the price of {feed.symbol} moved {format_rounded(feed.move_bps, 1)} bps within "
        f"{policy.volatility_window_seconds} seconds, above the limit of "
        f"{policy.volatility_bps}; non-urgent actions wait"
    )
