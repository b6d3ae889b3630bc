"""Stage 7: the run is over and says how."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeAlias

from keepers.model.notice import Telling
from keepers.model.run import (
    JsonObject,
    NewRun,
    RunRecord,
    RunStatus,
    Stage,
    StepStatus,
)
from keepers.runs.tiers.dependencies import World
from keepers.runs.tiers.notifications import telling_of

Tell: TypeAlias = Callable[[str, RunRecord], Telling]


def keep_once(world: World, run_id: str, stage: Stage, detail: JsonObject) -> None:
    """Keep a stage's result, unless the run came to a later one before its process was killed."""
    order = list(Stage)
    reached = (each.stage for each in world.journal.run(run_id).stages)
    if all(order.index(each) <= order.index(stage) for each in reached):
        world.record(run_id, stage, detail)


def close(
    world: World,
    run_id: str,
    status: RunStatus,
    reason: str | None,
    then: NewRun | None = None,
    *,
    tell: Tell = telling_of,
) -> RunRecord:
    """Skip what was not begun, keep the summary, close the run; people are told as it closes.

    Args:
        world: The ports.
        run_id: The run.
        status: How it ended.
        reason: Why, where it did not simply succeed.
        then: The run that does its rest, if there is one; it is opened at the same moment.
        tell: What people are told of the vault's run as it ends.
    """
    for record in world.journal.run(run_id).steps:
        if record.status is StepStatus.PENDING:
            world.journal.skip_step(record.step_id, reason or "the run has ended")
    ended = world.journal.run(run_id)
    if all(stage.stage is not Stage.RECORD for stage in ended.stages):
        world.record(run_id, Stage.RECORD, _summary(ended, status))
    ending = replace(ended, status=status, reason=reason)
    world.journal.close_run(run_id, status, reason, then, tell(world.vault, ending))
    return world.journal.run(run_id)


def status_of(record: RunRecord) -> RunStatus:
    """DONE when every step is, PARTIAL when some are, FAILED when none is."""
    done = [step.status is StepStatus.DONE for step in record.steps]
    if all(done):
        return RunStatus.DONE
    return RunStatus.PARTIAL if any(done) else RunStatus.FAILED


def has_open_steps(record: RunRecord) -> bool:
    """Whether something of a run is under way."""
    return any(step.status is StepStatus.SENDING for step in record.steps)


def failures_of(record: RunRecord) -> str | None:
    """The first reason why a step is not done."""
    for step in record.steps:
        if step.status is not StepStatus.DONE:
            attempts = [each.outcome.error for each in step.attempts if each.outcome]
            error = step.error or next((text for text in attempts if text), None)
            return f"action {step.step.index + 1} {step.status.lower()}: {error or 'no reason'}"
    return None


def _summary(record: RunRecord, status: RunStatus) -> dict[str, Any]:
    attempts = [each for step in record.steps for each in step.attempts]
    outcomes = [each.outcome for each in (*attempts, *record.openings) if each.outcome is not None]
    gas = sum(outcome.gas_used or 0 for outcome in outcomes)
    fee = sum((each.gas_used or 0) * (each.effective_gas_price or 0) for each in outcomes)
    counts = Counter(str(step.status) for step in record.steps)
    return {
        "status": str(status),
        "steps": dict(sorted(counts.items())),
        "gas_used": gas,
        "fee_wei": str(fee),
    }
