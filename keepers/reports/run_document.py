"""JSON report with all stored data, exact; amounts are strings of base units."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from enum import Enum
from typing import Any, cast

from keepers.model.json_document import Json
from keepers.model.money import WHOLE_BPS, format_rounded
from keepers.model.run import NewRun, RunRecord, StepAttempt, StepRecord, TierSample
from keepers.model.step import step_fields
from keepers.reports.amounts import WEI_DECIMALS
from keepers.reports.facts import RunFacts, TierFacts, WeightFacts
from keepers.reports.report import Report

PLACES = 6
AMOUNTS = frozenset(
    {
        *("amount", "amount_in", "quoted_out", "minimum_out", "received"),
        *("gas_limit", "gas_used", "max_fee_per_gas", "max_priority_fee_per_gas"),
        "effective_gas_price",
    }
)
"""Amount fields, stored as strings since JSON readers lose integers beyond 53 bits."""


def report_document(report: Report) -> dict[str, Any]:
    """Return a report as JSON."""
    return {
        "vault": report.vault,
        "chain_id": report.chain_id,
        "generated_at": report.generated_at.isoformat(),
        "settlement": asdict(report.settlement),
        "bands": report.bands and [asdict(band) for band in report.bands],
        "summary": {
            "runs": len(report.runs),
            "transactions": report.transactions,
            "fee_wei": str(report.fee_wei),
            "fee_decimals": WEI_DECIMALS,
            "tiers_inside": report.tiers_inside,
        },
        "runs": [_run(number, run) for number, run in report.numbered],
        "samples": [_sample(each) for each in report.samples],
    }


def _run(number: int, run: RunFacts) -> dict[str, Any]:
    record = run.record
    return {
        "number": number,
        **_new_run(record.run),
        "status": str(record.status),
        "reason": record.reason,
        "finished_at": record.finished_at and record.finished_at.isoformat(),
        "triggers": list(run.triggers),
        "warnings": list(run.warnings),
        "left_out": list(run.left_out),
        "approval": run.approval and _plain(asdict(run.approval)),
        "deviation_bps": run.deviation_bps,
        "alert": run.alert,
        "transactions": run.transactions,
        "fee_wei": str(run.fee_wei),
        "tiers": [_tier(each) for each in run.tiers],
        "weights": [_weight(each) for each in run.weights],
        "steps": _plain([_step(each.record) for each in run.steps]),
        "stages": _stages(run),
    }


def _step(record: StepRecord) -> dict[str, Any]:
    attempts = [_attempt(record, each) for each in record.attempts]
    return {
        "step_id": record.step_id,
        "step": step_fields(record.step),
        "status": record.status,
        "error": record.error,
        "attempts": attempts,
    }


def _attempt(step: StepRecord, made: StepAttempt) -> dict[str, Any]:
    signed, outcome = made.signed, None
    if made.outcome is not None:
        seen = made.inclusion
        outcome = {
            "status": made.status,
            "block_number": seen and seen.block_number,
            "block_hash": seen and seen.block_hash,
            "gas_used": seen and seen.gas_used,
            "effective_gas_price": seen and seen.effective_gas_price,
            **asdict(made.outcome),
        }
    return {
        "attempt_id": made.attempt.attempt_id,
        "step_id": step.step_id,
        "attempt": {
            "chain_id": made.slot.chain_id,
            "sender": made.slot.sender,
            "nonce": made.nonce,
            "transaction_hash": signed.transaction_hash,
            "raw": signed.raw,
            "gas_limit": signed.gas_limit,
            "max_fee_per_gas": signed.max_fee_per_gas,
            "max_priority_fee_per_gas": signed.max_priority_fee_per_gas,
        },
        "status": made.status,
        "outcome": outcome,
        "stored_at": made.attempt.stored_at,
    }


def _new_run(run: NewRun) -> dict[str, Any]:
    handles = {
        "happenings": list(run.handles.deposits),
        "levels": _plain([asdict(each) for each in run.handles.levels]),
    }
    return {**_plain(asdict(run)), "handles": handles}


def _stages(run: RunFacts) -> list[dict[str, Any]]:
    return [
        {"stage": str(each.stage), "at": each.at.isoformat(), "detail": each.detail}
        for each in run.record.stages
    ]


def _tier(tier: TierFacts) -> dict[str, Any]:
    amounts = {"before": tier.before, "planned": tier.planned, "after": tier.after}
    ratios = {"ratio_before": tier.ratio_before, "ratio_after": tier.ratio_after}
    return {
        "tier": tier.tier.name,
        "band": tier.band and asdict(tier.band),
        "within_bounds": tier.within,
        **{name: None if value is None else str(value) for name, value in amounts.items()},
        **{
            name: None if value is None else format_rounded(value, PLACES)
            for name, value in ratios.items()
        },
    }


def _weight(weight: WeightFacts) -> dict[str, Any]:
    shares = {"before": weight.before, "planned": weight.planned, "after": weight.after}
    return {
        "symbol": weight.symbol,
        "target_bps": weight.target_bps,
        **{
            name: None if value is None else format_rounded(value, PLACES)
            for name, value in shares.items()
        },
    }


def _sample(sample: TierSample) -> dict[str, Any]:
    whole = sum(sample.values)
    return {
        **_plain(asdict(sample)),
        "values": [str(value) for value in sample.values],
        "ratios_bps": [value * WHOLE_BPS // whole if whole else None for value in sample.values],
    }


def _plain(value: Any, name: str = "") -> Any:  # noqa: ANN401 - JSON in, JSON out
    match value:
        case dict():
            table = cast("dict[str, Any]", value)
            return {key: _plain(inner, key) for key, inner in table.items()}
        case list() | tuple():
            return [_plain(inner) for inner in cast("Sequence[Any]", value)]
        case datetime():
            return value.isoformat()
        case Enum():
            return str(value)
        case int() if name in AMOUNTS:
            return str(value)
        case _:
            return value


def run_document(record: RunRecord) -> dict[str, Json]:
    """Return a run as printed by `ballast run --json`; the JSON report also has its stages."""
    return {
        "run_id": record.run.run_id,
        "vault": record.run.vault,
        "chain_id": record.run.chain_id,
        "trigger": record.run.trigger,
        "armed": record.run.armed,
        "status": str(record.status),
        "reason": record.reason,
        "steps": [_run_step(step) for step in record.steps],
    }


def _run_step(record: StepRecord) -> dict[str, Json]:
    step, fields = record.step, step_fields(record.step)
    return {
        "index": step.index,
        "kind": step.kind,
        "symbol": step.symbol,
        "amount": str(step.amount),
        "amount_in": str(fields["amount_in"]),
        "minimum_out": str(fields["minimum_out"]),
        "depends_on": list(step.depends_on),
        "status": str(record.status),
        "error": record.error,
        "attempts": [_run_attempt(attempt) for attempt in record.attempts],
    }


def _run_attempt(record: StepAttempt) -> dict[str, Json]:
    outcome = record.outcome
    return {
        "transaction_hash": record.signed.transaction_hash,
        "nonce": record.nonce,
        "status": str(record.status),
        "block_number": record.inclusion.block_number if record.inclusion else None,
        "received": str(outcome.received) if outcome and outcome.received is not None else None,
        "slippage_bps": outcome.slippage_bps if outcome else None,
        "error": outcome.error if outcome else None,
    }
