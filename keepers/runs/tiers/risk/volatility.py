"""What is not urgent waits while a price concerned moves too much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from keepers.model.numerals import format_rounded
from keepers.model.risk import FeedHistory
from keepers.runs.policy import RunPolicy
from keepers.runs.tiers.action import Action
from keepers.runs.tiers.risk.urgency import Waiting, is_urgent, together


def unsettled(
    actions: Sequence[Action], feeds: Sequence[FeedHistory], settlement: str, policy: RunPolicy
) -> tuple[Waiting, ...]:
    """The actions that wait, in order.

    The settlement token's feed concerns every action, an asset's own those that trade it.
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
    """Feeds that do not tell their whole history, for people."""
    for each in feeds:
        if not each.reaches:
            yield (
                f"the feed of {each.symbol} does not tell its prices back to {each.since}; it was "
                "judged by those that it tells"
            )


def _reason(feed: FeedHistory, policy: RunPolicy) -> str:
    return (
        f"the price of {feed.symbol} moved {format_rounded(feed.move_bps, 1)} bps within "
        f"{policy.volatility_window_seconds} seconds, above the limit of {policy.volatility_bps}; "
        "what is not urgent waits"
    )
