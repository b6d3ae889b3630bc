"""Scheduled check of weights; it opens a run only if that does or reports something new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerChoice, TriggerKind
from keepers.model.tier_state import Event
from keepers.model.vault import VaultSnapshot
from keepers.runs.tiers.scheduled_check import words_of
from keepers.runs.tiers.tier_plan import propose
from keepers.runs.weights.dependencies import WeightRunDependencies, trigger_of
from keepers.runs.weights.preview import WeightsPreview, at_rest, preview_weights
from keepers.runs.weights.run import driver_of, rebalance_weights

PORTFOLIOS = (Tier.L2, Tier.L3)
TRIES = 5
"""After this many consecutive failures a portfolio waits until it becomes due again."""

UNANSWERED = "was due, and could not be rebalanced yet"
OPEN_QUESTIONS = frozenset({RunStatus.REFUSED, RunStatus.FAILED, RunStatus.INTERRUPTED})


@dataclass(frozen=True, slots=True)
class WeightsTrigger:
    """Trigger of a weights check; `events` occurred since the last plan."""

    trigger: TriggerChoice
    weekly: bool
    events: Sequence[Event] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """A portfolio with due weights, the reason, and its newest run.

    `by_event` marks an event, which only a run can handle.
    """

    tier: Tier
    cause: str
    last: RunRecord | None
    by_event: bool = False


def due_portfolios(
    ports: WeightRunDependencies, snapshot: VaultSnapshot, asked: WeightsTrigger, *, armed: bool
) -> Iterator[Due]:
    """Yield the portfolios with due weights, in order.

    Between two weekly checks a rebalanced portfolio is skipped for the repeat interval of refusals,
    since a concentration required by its targets would make it due forever.
    """
    plan = propose(
        ports.tiers, snapshot, asked.trigger, weekly=asked.weekly, events=asked.events
    ).plan
    cause = "; ".join(each.reason for each in plan.triggers)
    for tier in PORTFOLIOS:
        runs = ports.store.runs_by(ports.runs.vault, trigger_of(tier), armed=armed, limit=TRIES)
        last = next(iter(runs), None)
        if tier in plan.portfolios_due and (asked.weekly or not _is_fresh(ports, last)):
            yield Due(tier, cause, last, by_event=bool(asked.events))
        elif is_unanswered(last) and not _gave_up(runs):
            yield Due(tier, UNANSWERED, last)


def is_unanswered(last: RunRecord | None) -> bool:
    """Return whether due work was neither done nor found unnecessary."""
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


AFTER_TIERS = "a tier plan waits for approval; weights are rebalanced afterwards"


async def check_weights(
    ports: WeightRunDependencies, asked: WeightsTrigger, *, armed: bool, waits: bool = False
) -> tuple[RunRecord, ...]:
    """Rebalance the portfolios with due weights, one after the other.

    Args:
        ports: The ports.
        asked: The trigger. A liquidity check makes no weights due.
        armed: Whether anything may be sent.
        waits: Whether a tier run is open; weights runs come after it.

    Returns:
        The runs; none for portfolios at target or already reported.

    Raises:
        BallastError: The vault cannot be read, or the outcome of a transaction is unknown.
    """
    await driver_of(ports).recover(armed=armed)
    if asked.trigger is TriggerKind.LIQUIDITY:
        return ()
    snapshot = await ports.runs.chain.snapshot()
    done: list[RunRecord] = []
    for each in tuple(due_portfolios(ports, snapshot, asked, armed=armed)):
        found = (
            at_rest(snapshot, RunStatus.NOTHING_TO_DO, AFTER_TIERS)
            if waits
            else await preview_weights(ports, each.tier)
        )
        if not _is_known(ports, each, found, armed=armed):
            run = rebalance_weights(ports, each.tier, armed=armed, cause=each.cause, preview=found)
            done.append(await run)
    return tuple(done)


def _is_known(
    ports: WeightRunDependencies, due: Due, found: WeightsPreview, *, armed: bool
) -> bool:
    """Return whether a run would do and report nothing new."""
    last, ending = due.last, found.ending
    if ending is None:
        return not armed and _is_reported(ports, last, RunStatus.DRY_RUN)
    if ending.status is RunStatus.NOTHING_TO_DO and ending.reason is None:
        return not due.by_event and not is_unanswered(last)
    is_reported = _is_reported(ports, last, ending.status)
    return is_reported and words_of(ending.reason or "") == words_of((last and last.reason) or "")


def _is_reported(ports: WeightRunDependencies, last: RunRecord | None, status: RunStatus) -> bool:
    """Return whether the newest run recently finished with this status."""
    if last is None or last.finished_at is None or last.status is not status:
        return False
    since = ports.runs.clock.now() - last.finished_at
    return since < timedelta(seconds=ports.runs.policy.repeat_seconds)
