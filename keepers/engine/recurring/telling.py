"""People hear of rebalancers that cannot be booked, and when all of them can be again."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.domain.notice import Notice, Severity
from keepers.domain.recurring import StuckJob
from keepers.engine.recurring.ports import RecurringWorld

NAMED = 10
"""So many targets are named in a message."""

DEPOSIT = "deposit for them; the keeper books them again then"
LOOK = (
    "look at the FailedRecurringSchedule of each: a cap of the payer's, a scheduler that is paused "
    "or full, or a funder that fails"
)


def tell_of_stuck(world: RecurringWorld, left: Sequence[StuckJob]) -> None:
    """Say what a sweep has found that no fix would book; or that there is none any more."""
    dry = [each for each in left if each.is_dry]
    _tell(world, "dry", "recurring rebalancers have no money", DEPOSIT, dry)
    others = [each for each in left if not each.is_dry]
    _tell(world, "stuck", "recurring rebalancers cannot be booked", LOOK, others)


def _tell(
    world: RecurringWorld, what: str, title: str, advice: str, jobs: Sequence[StuckJob]
) -> None:
    key = f"{world.vault}:{what}"
    if not jobs:
        world.notifier.recovered(key, f"{world.vault}: all rebalancers can be booked again")
        return
    text = f"{_named(jobs)}: {advice}"
    world.notifier.report(
        Notice(key=key, severity=Severity.WARNING, title=f"{world.vault}: {title}", text=text)
    )


def _named(jobs: Sequence[StuckJob]) -> str:
    targets = sorted({each.target for each in jobs})
    more = "" if len(targets) <= NAMED else f" and {len(targets) - NAMED} more"
    return f"{', '.join(targets[:NAMED])}{more}"
