"""Mapping of runs, stages, steps and attempts between rows and records."""

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, cast

from sqlalchemy import RowMapping

from keepers.model.chain_events import Handled, Level, LevelKind
from keepers.model.maintenance import CLAIM, FULFIL
from keepers.model.order import OrderKind
from keepers.model.recurring import EXECUTE, FIX, MANAGE
from keepers.model.run import (
    AttemptOutcome,
    AttemptRecord,
    AttemptStatus,
    JsonObject,
    NewRun,
    RunRecord,
    RunStatus,
    SignedAttempt,
    Stage,
    StageRecord,
    StepRecord,
    StepStatus,
    TierSample,
)
from keepers.model.step import BatchStep, MaintenanceStep, NewStep, TradeStep, WeightsStep
from keepers.model.transactions.states import (
    MINED,
    UNSENT,
    AttemptKind,
    AttemptState,
    SlotState,
    StepState,
)
from keepers.model.weights_run import WEIGHTS

STEP_STATUS = {
    StepState.PENDING: StepStatus.PENDING,
    StepState.ACTIVE: StepStatus.SENDING,
    StepState.DONE: StepStatus.DONE,
    StepState.FAILED: StepStatus.FAILED,
    StepState.SKIPPED: StepStatus.SKIPPED,
}
FOREIGN = frozenset({SlotState.FOREIGN, SlotState.FOREIGN_FINAL})
RECEIPT = ("block_number", "block_hash", "gas_used", "effective_gas_price")

RUN_FIELDS = (
    *("run_id", "vault", "chain_id", "trigger", "armed", "started_at", "follows", "tick_id"),
)
STEP_TYPES: dict[str, type[NewStep]] = {
    OrderKind.SALE: TradeStep,
    OrderKind.PURCHASE: TradeStep,
    WEIGHTS: WeightsStep,
    FULFIL: MaintenanceStep,
    CLAIM: MaintenanceStep,
    EXECUTE: BatchStep,
    FIX: BatchStep,
    MANAGE: BatchStep,
}
"""The type of a step by its kind."""

AMOUNTS = frozenset(
    {"amount", "amount_in", "quoted_out", "minimum_out", "turnover", "shares", "assets"}
)
"""Fields of steps that are kept as strings of base units."""

ATTEMPT_FIELDS = (
    *("transaction_hash", "raw", "gas_limit", "max_fee_per_gas", "max_priority_fee_per_gas"),
)


def run_record(
    row: RowMapping,
    stages: Sequence[StageRecord],
    steps: Sequence[StepRecord],
    openings: Sequence[AttemptRecord],
) -> RunRecord:
    """A run with its stages and steps."""
    return RunRecord(
        run=NewRun(**{name: row[name] for name in RUN_FIELDS}, handles=handled(row["handles"])),
        status=RunStatus(row["status"]),
        finished_at=row["finished_at"],
        reason=row["reason"],
        stages=tuple(stages),
        steps=tuple(steps),
        openings=tuple(openings),
    )


def handled(detail: JsonObject | None) -> Handled:
    """What a run handles."""
    if detail is None:
        return Handled()
    levels = tuple(
        Level(LevelKind(kind), asset, int(value)) for kind, asset, value in detail["levels"]
    )
    return Handled(tuple(detail["deposits"]), levels)


def handled_detail(what: Handled) -> JsonObject | None:
    """The same as it is stored."""
    if not what:
        return None
    levels = [[each.kind, each.asset, str(each.value)] for each in what.levels]
    return {"deposits": list(what.deposits), "levels": levels}


def stage_record(row: RowMapping) -> StageRecord:
    """The result of a stage."""
    return StageRecord(stage=Stage(row["stage"]), at=row["at"], detail=row["detail"])


def step_detail(step: NewStep) -> JsonObject:
    """Return the JSON in which a step is kept; amounts are strings of base units."""
    values = {each.name: getattr(step, each.name) for each in fields(step)}
    del values["index"]
    return {
        **{name: str(value) if name in AMOUNTS else value for name, value in values.items()},
        "depends_on": list(step.depends_on),
    }


def planned_step(position: int, detail: JsonObject) -> NewStep:
    """Return a step as it was planned."""
    values: dict[str, Any] = {
        name: int(value) if name in AMOUNTS else value for name, value in detail.items()
    }
    values["depends_on"] = tuple(detail["depends_on"])
    return STEP_TYPES[detail["kind"]](index=position, **values)


def step_record(row: RowMapping, attempts: Sequence[AttemptRecord]) -> StepRecord:
    """A step with its attempts."""
    return StepRecord(
        step_id=row["step_id"],
        step=planned_step(row["position"], row["detail"]),
        status=STEP_STATUS[StepState(row["state"])],
        error=row["reason"],
        attempts=tuple(attempts),
    )


def attempt_record(step: RowMapping, slot: RowMapping, row: RowMapping) -> AttemptRecord:
    """A signed transaction, with its outcome once it is in a block or cannot be."""
    status = _status(SlotState(slot["state"]), row)
    facts = {name: row[name] for name in ATTEMPT_FIELDS}
    whose = {name: slot[name] for name in ("chain_id", "sender", "nonce")}
    return AttemptRecord(
        attempt_id=row["attempt_id"],
        step_id=step["step_id"],
        attempt=SignedAttempt(**whose, **facts),
        status=status,
        outcome=_outcome(status, step, row),
        stored_at=row["stored_at"],
    )


def _status(slot: SlotState, row: RowMapping) -> AttemptStatus:
    state = AttemptState(row["state"])
    if state in MINED and row["kind"] == AttemptKind.CANCEL:
        return AttemptStatus.CANCELLED
    if state in MINED:
        return AttemptStatus.SUCCEEDED if row["succeeded"] else AttemptStatus.REVERTED
    if state in UNSENT:
        return AttemptStatus.STORED
    if state is AttemptState.BROADCAST:
        return AttemptStatus.BROADCAST
    if row["refused_at"] is not None:
        return AttemptStatus.REFUSED
    return AttemptStatus.LOST if slot in FOREIGN else AttemptStatus.REPLACED


def _outcome(status: AttemptStatus, step: RowMapping, row: RowMapping) -> AttemptOutcome | None:
    if status in {AttemptStatus.STORED, AttemptStatus.BROADCAST}:
        return None
    found = cast("JsonObject", step["outcome"] or {})
    received = found.get("received")
    succeeded = status is AttemptStatus.SUCCEEDED
    return AttemptOutcome(
        status=status,
        received=int(received) if succeeded and received is not None else None,
        slippage_bps=found.get("slippage_bps") if succeeded else None,
        error=step["reason"],
        **{name: row[name] for name in RECEIPT},
    )


def tier_sample(row: RowMapping) -> TierSample:
    """Tier values at one block."""
    return TierSample(
        vault=row["vault"],
        chain_id=row["chain_id"],
        block_number=row["block_number"],
        at=row["at"],
        values=(row["l1"], row["l2"], row["l3"]),
        label=row["label"],
    )
