"""Queries of runs with their stages, steps and attempts; counts of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, select
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.chain_events import Handled
from keepers.model.json_document import JsonObject
from keepers.model.maintenance import CLAIM, FULFIL
from keepers.model.order import OrderKind
from keepers.model.recurring import EXECUTE, FIX, MANAGE
from keepers.model.run import (
    NOT_ACTIONS,
    OPENING,
    STEP_STATUS,
    NewRun,
    RunKind,
    RunRecord,
    RunStatus,
    StageRecord,
    StepAttempt,
    StepRecord,
    TierSample,
    step_attempt,
)
from keepers.model.step import BatchStep, MaintenanceStep, NewStep, TradeStep, WeightsStep
from keepers.model.weights_run import WEIGHTS
from keepers.store.records import columns_of, record
from keepers.store.run_writes import ORDER
from keepers.store.tables import (
    intents,
    run_steps,
    runs,
    samples,
    stages,
)
from keepers.store.transaction_queries import read_intents

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
"""Type of a step by its kind."""

AMOUNTS = frozenset(
    {"amount", "amount_in", "quoted_out", "minimum_out", "turnover", "shares", "assets"}
)
"""Fields of steps that are stored as strings of base units."""


def step_detail(step: NewStep) -> JsonObject:
    """Return the stored JSON of a step, without its position."""
    values = columns_of(step, "index")
    return {name: str(value) if name in AMOUNTS else value for name, value in values.items()}


def planned_step(position: int, detail: JsonObject) -> NewStep:
    """Return a step from its stored JSON."""
    values: dict[str, Any] = {
        name: int(value) if name in AMOUNTS else value for name, value in detail.items()
    }
    values["depends_on"] = tuple(detail["depends_on"])
    return STEP_TYPES[detail["kind"]](index=position, **values)


def read_runs(
    connection: Connection,
    *conditions: ColumnElement[bool],
    kind: RunKind = RunKind.REBALANCE,
    beside: Sequence[RunKind] = (),
    limit: int | None = None,
) -> tuple[RunRecord, ...]:
    """Return the runs of a kind, and of the kinds in `beside`, that match, newest first.

    Loads them with all their records, in seven queries regardless of their number.
    """
    chosen = select(runs).where(runs.c.kind.in_((kind, *beside)), *conditions)
    newest = chosen.order_by(runs.c.started_at.desc(), runs.c.run_id)
    rows = connection.execute(newest.limit(limit)).mappings().all()
    ids = [row["run_id"] for row in rows]
    stages_of, steps_of = _grouped(connection, stages, ids), _grouped(connection, run_steps, ids)
    tries = _attempts(connection, [row for found in steps_of.values() for row in found])
    return tuple(
        _run(row, stages_of[row["run_id"]], steps_of[row["run_id"]], tries) for row in rows
    )


def step_of_kind(connection: Connection, run_id: str, kind: str) -> int | None:
    """Return the id of the first step of a kind in a run."""
    mine = (run_steps.c.run_id == run_id) & (run_steps.c.kind == kind)
    return connection.scalar(select(run_steps.c.step_id).where(mine).limit(1))


def read_samples(
    connection: Connection, vault: str, limit: int | None = None
) -> tuple[TierSample, ...]:
    """Return the newest samples of a vault, oldest first."""
    newest = select(samples).where(samples.c.vault == vault).order_by(samples.c.sample_id.desc())
    rows = connection.execute(newest.limit(limit)).mappings().all()
    return tuple(
        record(TierSample, row, values=(row["l1"], row["l2"], row["l3"])) for row in reversed(rows)
    )


def _run(
    row: RowMapping,
    stage_rows: Sequence[RowMapping],
    step_rows: Sequence[RowMapping],
    tries: Mapping[int, Sequence[StepAttempt]],
) -> RunRecord:
    ordered = sorted(step_rows, key=lambda each: each["position"])
    results = (record(StageRecord, each) for each in stage_rows)
    return record(
        RunRecord,
        row,
        run=record(NewRun, row, handles=row["handles"] or Handled()),
        stages=tuple(sorted(results, key=lambda each: ORDER[each.stage])),
        steps=tuple(
            StepRecord(
                step_id=each["step_id"],
                step=planned_step(each["position"], each["detail"]),
                status=STEP_STATUS[each["state"]],
                error=each["reason"],
                attempts=tuple(tries[each["step_id"]]),
                carrier_id=each["carrier_id"],
            )
            for each in ordered
            if each["kind"] not in NOT_ACTIONS
        ),
        openings=tuple(
            attempt
            for each in ordered
            if each["kind"] == OPENING
            for attempt in tries[each["step_id"]]
        ),
    )


def _attempts(
    connection: Connection, steps: Sequence[RowMapping]
) -> Mapping[int, Sequence[StepAttempt]]:
    """Return the attempts of steps, in order of creation; a carried step has its carrier's."""
    served: defaultdict[int, list[RowMapping]] = defaultdict(list)
    for step in steps:
        served[step["carrier_id"] or step["step_id"]].append(step)
    found: defaultdict[int, list[StepAttempt]] = defaultdict(list)
    for intent in read_intents(connection, intents.c.step_id.in_(served)):
        for step in served[intent.intent.step_id]:
            found[step["step_id"]].extend(
                step_attempt(slot, attempt, step["reason"], step["outcome"])
                for slot in intent.slots
                for attempt in slot.attempts
            )
    return found


def _grouped(
    connection: Connection, table: Table, run_ids: Sequence[str]
) -> Mapping[str, Sequence[RowMapping]]:
    groups: defaultdict[str, list[RowMapping]] = defaultdict(list)
    chosen = select(table).where(table.c.run_id.in_(run_ids)).order_by(*table.primary_key)
    for row in connection.execute(chosen).mappings():
        groups[row["run_id"]].append(row)
    return groups


PLANS = (RunKind.REBALANCE, RunKind.WEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """Statistics of a vault's runs.

    Attributes:
        chain_id: Chain of the newest run.
        pending: Number of open runs.
        recent: Number of armed runs since a time, by status.
        newest: Status of the newest run.
        began: Start of the newest run of each status.
        executed: Newest run for which a transaction was requested.
    """

    chain_id: int
    pending: int
    recent: Mapping[RunStatus, int]
    newest: RunStatus
    began: Mapping[RunStatus, datetime]
    executed: RunRecord | None


def count_runs(connection: Connection, vault: str, since: datetime) -> RunCounts | None:
    """Return statistics of a vault's runs; None if there are none."""
    mine = (runs.c.vault == vault) & runs.c.kind.in_(PLANS)
    order = (runs.c.started_at.desc(), runs.c.run_id)
    newest = connection.execute(
        select(runs.c.chain_id, runs.c.status).where(mine).order_by(*order).limit(1)
    ).first()
    if newest is None:
        return None
    recent = select(runs.c.status, func.count()).where(
        mine, runs.c.armed, runs.c.started_at >= since
    )
    began = select(runs.c.status, func.max(runs.c.started_at)).where(mine)
    grouped = runs.c.status
    is_open = mine & (runs.c.status == RunStatus.OPEN)
    pending = select(func.count()).select_from(runs).where(is_open)
    return RunCounts(
        chain_id=newest.chain_id,
        pending=connection.execute(pending).scalar_one(),
        recent=dict(connection.execute(recent.group_by(grouped)).all()),
        newest=newest.status,
        began=dict(connection.execute(began.group_by(grouped)).all()),
        executed=_executed(connection, vault),
    )


def _executed(connection: Connection, vault: str) -> RunRecord | None:
    asked = (
        select(runs.c.run_id)
        .join(run_steps, run_steps.c.run_id == runs.c.run_id)
        .join(intents, intents.c.step_id == run_steps.c.step_id)
        .where(runs.c.vault == vault, runs.c.kind == RunKind.REBALANCE)
        .order_by(runs.c.started_at.desc(), runs.c.run_id)
        .limit(1)
    )
    run_id = connection.scalar(asked)
    if run_id is None:
        return None
    return next(iter(read_runs(connection, runs.c.run_id == run_id)), None)
