"""A check by the clock: weights that are due become a run where that does or tells something."""

from __future__ import annotations

from datetime import timedelta

from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.scheduled_check import words_of
from keepers.runs.weights.dependencies import WeightRunDependencies
from keepers.runs.weights.due import Asked, Due, due_portfolios, is_unanswered
from keepers.runs.weights.preview import WeightsPreview, at_rest, preview_weights
from keepers.runs.weights.run import driver_of, rebalance_weights

AFTER_TIERS = "a plan for the tiers waits for approval; the weights come after it"


async def check_weights(
    ports: WeightRunDependencies, asked: Asked, *, armed: bool, waits: bool = False
) -> tuple[RunRecord, ...]:
    """Rebalance the weights that are due, one portfolio after the other.

    Args:
        ports: The ports.
        asked: What is judged. A check of liquidity makes no weights due.
        armed: Whether anything may be sent.
        waits: Whether a run for the tiers is open; weights come after it.

    Returns:
        The runs; none for what is at its target, or was told already.

    Raises:
        BallastError: The vault cannot be read, or how a transaction ended is not known.
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
    """Whether a run would do nothing and tell nothing new."""
    last, ending = due.last, found.ending
    if ending is None:
        return not armed and _is_told(ports, last, RunStatus.DRY_RUN)
    if ending.status is RunStatus.NOTHING_TO_DO and ending.reason is None:
        return not due.by_event and not is_unanswered(last)
    told = _is_told(ports, last, ending.status)
    return told and words_of(ending.reason or "") == words_of((last and last.reason) or "")


def _is_told(ports: WeightRunDependencies, last: RunRecord | None, status: RunStatus) -> bool:
    """Whether the newest run ended so, not long ago."""
    if last is None or last.finished_at is None or last.status is not status:
        return False
    since = ports.runs.clock.now() - last.finished_at
    return since < timedelta(seconds=ports.runs.policy.repeat_seconds)
