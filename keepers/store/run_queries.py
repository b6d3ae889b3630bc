"""Queries of runs with all that belongs to them, in six queries for any number; counts of runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, RowMapping, Select, Table, func, select
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.run import (
    OPENING,
    AttemptRecord,
    RunKind,
    RunRecord,
    RunStatus,
    StageRecord,
    StepRecord,
    TierSample,
)
from keepers.store.records import (
    attempt_record,
    run_record,
    stage_record,
    step_record,
    tier_sample,
)
from keepers.store.run_writes import ORDER
from keepers.store.tables import (
    intents,
    nonce_slots,
    run_steps,
    runs,
    samples,
    slot_attempts,
    stages,
)

Tries: TypeAlias = dict[int, list[AttemptRecord]]
"""What was signed for each step."""


def read_runs(
    connection: Connection,
    *conditions: ColumnElement[bool],
    kind: RunKind = RunKind.REBALANCE,
    beside: Sequence[RunKind] = (),
    limit: int | None = None,
) -> tuple[RunRecord, ...]:
    """The runs of a kind, and of others beside it, that meet all conditions, newest first."""
    chosen = select(runs).where(runs.c.kind.in_((kind, *beside)), *conditions)
    newest = chosen.order_by(runs.c.started_at.desc(), runs.c.run_id)
    rows = _rows(connection, newest.limit(limit))
    ids = [row["run_id"] for row in rows]
    stages_of, rows_of = _stages(connection, ids), _grouped(connection, run_steps, "run_id", ids)
    tries = _attempts(connection, [row for found in rows_of.values() for row in found])
    return tuple(
        run_record(
            row,
            stages_of[row["run_id"]],
            _steps(rows_of[row["run_id"]], tries),
            _openings(rows_of[row["run_id"]], tries),
        )
        for row in rows
    )


def step_of_kind(connection: Connection, run_id: str, kind: str) -> int | None:
    """The first step of a kind in a run."""
    mine = (run_steps.c.run_id == run_id) & (run_steps.c.kind == kind)
    return connection.scalar(select(run_steps.c.step_id).where(mine).limit(1))


def read_samples(
    connection: Connection, vault: str, limit: int | None = None
) -> tuple[TierSample, ...]:
    """The newest samples of a vault, oldest first."""
    newest = select(samples).where(samples.c.vault == vault).order_by(samples.c.sample_id.desc())
    rows = _rows(connection, newest.limit(limit))
    return tuple(tier_sample(row) for row in reversed(rows))


def _stages(connection: Connection, ids: Sequence[str]) -> dict[str, list[StageRecord]]:
    found = _grouped(connection, stages, "run_id", ids)
    return defaultdict(
        list[StageRecord],
        {
            run_id: sorted(map(stage_record, rows), key=lambda each: ORDER[each.stage])
            for run_id, rows in found.items()
        },
    )


def _steps(rows: Sequence[RowMapping], tries: Tries) -> list[StepRecord]:
    actions = [row for row in rows if row["kind"] != OPENING]
    ordered = sorted(actions, key=lambda row: row["position"])
    return [step_record(row, tries[row["step_id"]]) for row in ordered]


def _openings(rows: Sequence[RowMapping], tries: Tries) -> list[AttemptRecord]:
    return [each for row in rows if row["kind"] == OPENING for each in tries[row["step_id"]]]


def _attempts(connection: Connection, steps: Sequence[RowMapping]) -> Tries:
    """The attempts of steps, in the order of their making."""
    asked = _grouped(connection, intents, "step_id", [step["step_id"] for step in steps])
    intent_ids = [row["intent_id"] for rows in asked.values() for row in rows]
    slots = _grouped(connection, nonce_slots, "intent_id", intent_ids)
    slot_ids = [row["slot_id"] for rows in slots.values() for row in rows]
    made = _grouped(connection, slot_attempts, "slot_id", slot_ids)
    return {
        step["step_id"]: [
            attempt_record(step, slot, row)
            for intent in asked[step["step_id"]]
            for slot in slots[intent["intent_id"]]
            for row in made[slot["slot_id"]]
        ]
        for step in steps
    }


def _grouped(
    connection: Connection, table: Table, column: str, keys: Sequence[object]
) -> dict[Any, list[RowMapping]]:
    groups: dict[Any, list[RowMapping]] = defaultdict(list)
    chosen = select(table).where(table.c[column].in_(keys)).order_by(*table.primary_key)
    for row in _rows(connection, chosen):
        groups[row[column]].append(row)
    return groups


def _rows(connection: Connection, query: Select[Any]) -> Sequence[RowMapping]:
    return connection.execute(query).mappings().all()


PLANS = (RunKind.REBALANCE, RunKind.WEIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCounts:
    """What is known of a vault's runs.

    Attributes:
        chain_id: The chain of the newest.
        pending: How many are open.
        recent: Armed ones since a time, by status.
        newest: The status of the newest.
        began: When the newest of each status began.
        executed: The newest for which a transaction was asked.
    """

    chain_id: int
    pending: int
    recent: Mapping[RunStatus, int]
    newest: RunStatus
    began: Mapping[RunStatus, datetime]
    executed: RunRecord | None


def count_runs(connection: Connection, vault: str, since: datetime) -> RunCounts | None:
    """Count the runs of a vault; None where there is none."""
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
        recent={RunStatus(status): n for status, n in connection.execute(recent.group_by(grouped))},
        newest=RunStatus(newest.status),
        began={RunStatus(status): at for status, at in connection.execute(began.group_by(grouped))},
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
