"""A run as one JSON object, for scripts."""

from __future__ import annotations

from keepers.model.run import AttemptRecord, RunRecord, StepRecord
from keepers.planning.files.canonical import Json


def run_document(record: RunRecord) -> dict[str, Json]:
    """What `ballast run --json` prints; `ballast report --json` has the stages as well."""
    return {
        "run_id": record.run.run_id,
        "vault": record.run.vault,
        "chain_id": record.run.chain_id,
        "trigger": record.run.trigger,
        "armed": record.run.armed,
        "status": str(record.status),
        "reason": record.reason,
        "steps": [_step(step) for step in record.steps],
    }


def _step(record: StepRecord) -> dict[str, Json]:
    step = record.step
    return {
        "index": step.index,
        "kind": step.kind,
        "symbol": step.symbol,
        "amount": str(step.amount),
        "amount_in": str(step.amount_in),
        "minimum_out": str(step.minimum_out),
        "depends_on": list(step.depends_on),
        "status": str(record.status),
        "error": record.error,
        "attempts": [_attempt(attempt) for attempt in record.attempts],
    }


def _attempt(record: AttemptRecord) -> dict[str, Json]:
    outcome = record.outcome
    return {
        "transaction_hash": record.attempt.transaction_hash,
        "nonce": record.attempt.nonce,
        "status": str(record.status),
        "block_number": outcome.block_number if outcome else None,
        "received": str(outcome.received) if outcome and outcome.received is not None else None,
        "slippage_bps": outcome.slippage_bps if outcome else None,
        "error": outcome.error if outcome else None,
    }
