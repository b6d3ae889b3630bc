"""Results of steps and runs, and the stage details of a stored run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keepers.model.json_document import JsonObject
from keepers.model.run import RunRecord, RunStatus, Stage, StepStatus
from keepers.model.transaction_records import IntentRecord, StepView
from keepers.model.transaction_states import StepState


@dataclass(frozen=True, slots=True)
class StepResult:
    """Result of a step; block, gas and amounts are set if it was included.

    Gas and fee are those of its own transaction; None if it shares one with other steps.
    """

    status: StepStatus
    received: int = 0
    block: int | None = None
    gas_used: int | None = 0
    fee: int | None = 0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Ending:
    """Final status of a run and its reason; no reason if everything succeeded."""

    status: RunStatus
    reason: str | None


def result_of(record: IntentRecord, step: StepView) -> StepResult:
    """Return the result of a step from its intent."""
    included = record.inclusion
    done = step.state is StepState.DONE
    outcome = step.outcome or {}
    if included is None:
        return StepResult(StepStatus.FAILED, error=step.reason)
    is_shared = step.step_id != record.intent.step_id
    return StepResult(
        StepStatus.DONE if done else StepStatus.FAILED,
        received=int(outcome.get("received", 0)) if done else 0,
        block=included.block_number,
        gas_used=None if is_shared else included.gas_used,
        fee=None if is_shared else included.gas_used * included.effective_gas_price,
        error=step.reason,
    )


def ending_of(results: Mapping[int, StepResult], shortfall: str | None = None) -> Ending:
    """Return done, partial or failed, with the first reason.

    Args:
        results: Results by step index; steps that were not needed are absent.
        shortfall: Why a step achieved too little although its transaction succeeded.
    """
    done = [each.status is StepStatus.DONE for each in results.values()]
    status = RunStatus.PARTIAL if any(done) else RunStatus.FAILED
    if all(done) and shortfall is None:
        status = RunStatus.DONE
    errors = (each.error for each in results.values() if each.error is not None)
    return Ending(status, next(errors, shortfall))


def results_detail(results: Mapping[int, StepResult]) -> dict[str, Any]:
    """Return the detail of the execution stage: results by step index."""
    return {
        "results": [
            {
                "index": index,
                "status": str(result.status),
                "received": str(result.received),
                "block": result.block,
                "gas_used": result.gas_used,
                "fee_wei": None if result.fee is None else str(result.fee),
                "error": result.error,
            }
            for index, result in sorted(results.items())
        ]
    }


def detail_of(record: RunRecord, stage: Stage) -> JsonObject | None:
    """Return the detail of a stage, if the run has reached it."""
    return next((each.detail for each in record.stages if each.stage is stage), None)


def has_open_steps(record: RunRecord) -> bool:
    """Return whether a step of a run is in progress."""
    return any(step.status is StepStatus.SENDING for step in record.steps)


def status_of(record: RunRecord) -> RunStatus:
    """Return DONE if every step is done, PARTIAL if some are, FAILED if none is."""
    done = [step.status is StepStatus.DONE for step in record.steps]
    if all(done):
        return RunStatus.DONE
    return RunStatus.PARTIAL if any(done) else RunStatus.FAILED


def failures_of(record: RunRecord) -> str | None:
    """Return the first reason why a step is not done."""
    for step in record.steps:
        if step.status is not StepStatus.DONE:
            attempts = [each.outcome.error for each in step.attempts if each.outcome]
            error = step.error or next((text for text in attempts if text), None)
            return (
                f"action {step.step.index + 1} {step.status.lower()}: {error or 'no reason given'}"
            )
    return None


def summary_of(record: RunRecord, status: RunStatus) -> dict[str, Any]:
    """Return the detail of the record stage: step counts, gas, and fees."""
    included = [each.inclusion for each in record.transactions if each.inclusion]
    gas = sum(each.gas_used for each in included)
    fee = sum(each.gas_used * each.effective_gas_price for each in included)
    counts = Counter(str(step.status) for step in record.steps)
    return {
        "status": str(status),
        "steps": dict(sorted(counts.items())),
        "gas_used": gas,
        "fee_wei": str(fee),
    }
