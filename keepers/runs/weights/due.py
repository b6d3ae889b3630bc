"""Whose weights are due: what the tiers' planner names, and what was due and not yet answered."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerChoice
from keepers.model.tier_state import Event
from keepers.model.vault import VaultSnapshot
from keepers.runs.tiers.tier_plan import propose
from keepers.runs.weights.dependencies import WeightRunDependencies, trigger_of

PORTFOLIOS = (Tier.L2, Tier.L3)
TRIES = 5
"""After so many failures in a row a portfolio waits until it becomes due again."""

UNANSWERED = "was due, and could not be rebalanced yet"
OPEN_QUESTIONS = frozenset({RunStatus.REFUSED, RunStatus.FAILED, RunStatus.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class Asked:
    """What a check judges; `events` are what happened since the last plan."""

    trigger: TriggerChoice
    weekly: bool
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A portfolio whose weights are due, why, and its newest run.

    `by_event` says that something happened, which is handled by a run alone.
    """

    tier: Tier
    cause: str
    last: RunRecord | None
    by_event: bool = False


def due_portfolios(
    ports: WeightRunDependencies, snapshot: VaultSnapshot, asked: Asked, *, armed: bool
) -> Iterator[Due]:
    """The portfolios whose weights are due, in their order.

    Between two weekly checks a portfolio that was rebalanced is left alone for as long as a refusal
    is not told again: a concentration that its targets want would make it due for ever.
    """
    plan = propose(
        ports.tiers, snapshot, asked.trigger, weekly=asked.weekly, events=asked.events
    ).plan
    cause = "; ".join(each.reason for each in plan.triggers)
    for tier in PORTFOLIOS:
        runs = ports.journal.runs_by(ports.runs.vault, trigger_of(tier), armed=armed, limit=TRIES)
        last = next(iter(runs), None)
        if tier in plan.portfolios_due and (asked.weekly or not _is_fresh(ports, last)):
            yield Due(tier, cause, last, by_event=bool(asked.events))
        elif is_unanswered(last) and not _gave_up(runs):
            yield Due(tier, UNANSWERED, last)


def is_unanswered(last: RunRecord | None) -> bool:
    """Whether what was due was neither done nor found to be nothing."""
    if last is None:
        return False
    waits = last.status is RunStatus.NOTHING_TO_DO and last.reason is not None
    return waits or last.status in OPEN_QUESTIONS


def _is_fresh(ports: WeightRunDependencies, last: RunRecord | None) -> bool:
    if last is None or last.status is not RunStatus.DONE or last.finished_at is None:
        return False
    since = ports.runs.clock.now() - last.finished_at
    return since < timedelta(seconds=ports.runs.policy.repeat_seconds)


def _gave_up(runs: Sequence[RunRecord]) -> bool:
    return len(runs) == TRIES and all(each.status is RunStatus.FAILED for each in runs)
