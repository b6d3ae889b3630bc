"""Queries of transfers, placements, batches and instructions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, RowMapping, select
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.batch import (
    LIVE_BATCHES,
    BatchPlan,
    BatchRecord,
    BatchState,
    InstructionRecord,
    InstructionState,
    PlanRecord,
)
from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.run import RunStatus
from keepers.model.transaction_records import IntentRecord
from keepers.model.transfer import TransferTerms
from keepers.model.transfer_record import (
    NewPlacement,
    NewTransfer,
    PlacementRecord,
    TransferEvent,
    TransferRecord,
    TransferWork,
)
from keepers.store.database import Database
from keepers.store.records import record, rows_among
from keepers.store.tables import (
    batch_plans,
    batches,
    fallback_waits,
    instructions,
    placements,
    run_steps,
    runs,
    transfer_events,
    transfers,
)
from keepers.store.transaction_queries import intents_of_run


class TransferReader:
    """Queries of transfers. Every method may raise `StoreUnavailableError`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def now(self) -> datetime:
        """Return database time."""
        return self._database.now()

    def unsettled(self) -> tuple[TransferRecord, ...]:
        """Return transfers that are not settled, oldest first."""
        return self._database.read(lambda c: _transfers(c, transfers.c.settled_at.is_(None)))

    def transfer(self, transfer_id: str) -> TransferRecord:
        """Return a transfer; raise `UnknownRecordError` if there is none with this id."""
        found = self._database.read(lambda c: _transfers(c, transfers.c.transfer_id == transfer_id))
        if not found:
            raise UnknownRecordError(f"transfer {transfer_id}")
        return found[0]

    def beginning(self, text: str) -> tuple[TransferRecord, ...]:
        """Return transfers by id prefix, with or without `0x`."""
        prefix = text.lower() if text.lower().startswith("0x") else f"0x{text.lower()}"
        begins = transfers.c.transfer_id.startswith(prefix, autoescape=True)
        return self._database.read(lambda c: _transfers(c, begins))

    def transfers(self, limit: int | None = 50) -> tuple[TransferRecord, ...]:
        """Return the newest transfers, newest first."""
        return self._database.read(lambda c: _transfers(c, newest=True, limit=limit))

    def of_batch(self, batch_id: str) -> tuple[TransferRecord, ...]:
        """Return the transfers of a batch."""
        return self._database.read(lambda c: _transfers(c, transfers.c.batch_id == batch_id))

    def timeline(self, transfer_id: str) -> tuple[TransferEvent, ...]:
        """Return the timeline of a transfer, oldest first."""
        mine = transfer_events.c.transfer_id == transfer_id
        query = select(transfer_events).where(mine).order_by(transfer_events.c.event_id)
        rows = self._database.read(lambda c: c.execute(query).mappings().all())
        return tuple(
            record(TransferEvent, row, start=row["from_position"], end=row["to_position"])
            for row in rows
        )

    def open_placements(self) -> tuple[PlacementRecord, ...]:
        """Return placements that are not settled, oldest first."""
        return self._database.read(lambda c: _placements(c, placements.c.settled_at.is_(None)))

    def placements_of(self, batch_id: str) -> tuple[PlacementRecord, ...]:
        """Return the placements of a batch."""
        return self._database.read(lambda c: _placements(c, placements.c.batch_id == batch_id))

    def intents(self, run_id: str) -> tuple[IntentRecord, ...]:
        """Return the intents of a run."""
        return self._database.read(lambda c: intents_of_run(c, run_id))

    def batch(self, batch_id: str) -> BatchRecord:
        """Return a batch; raise `UnknownRecordError` if there is none with this id."""
        found = self._database.read(lambda c: _batches(c, batches.c.batch_id == batch_id))
        if not found:
            raise UnknownRecordError(f"batch {batch_id}")
        return found[0]

    def batch_of_run(self, run_id: str) -> BatchRecord:
        """Return the batch of a plan; raise `UnknownRecordError` if the run opens none."""
        mine = batch_plans.c.run_id == run_id
        found = self._database.read(lambda c: _plans(c, mine))
        if not found:
            raise UnknownRecordError(f"plan {run_id}")
        return self.batch(found[0].batch_id)

    def batches_beginning(self, text: str) -> tuple[BatchRecord, ...]:
        """Return batches by id prefix, newest first."""
        begins = batches.c.batch_id.startswith(text, autoescape=True)
        return self._database.read(lambda c: _batches(c, begins))

    def live_batches(self) -> tuple[BatchRecord, ...]:
        """Return unfinished batches, oldest first."""
        live = batches.c.state.in_(sorted(LIVE_BATCHES))
        return tuple(reversed(self._database.read(lambda c: _batches(c, live))))

    def batch_of_key(self, client_key: str) -> BatchRecord | None:
        """Return the batch with a client key, if there is one."""
        same = batches.c.client_key == client_key
        return next(iter(self._database.read(lambda c: _batches(c, same))), None)

    def plans_of(self, batch_id: str) -> tuple[PlanRecord, ...]:
        """Return the plans of a batch, by chain id."""
        return self._database.read(lambda c: _plans(c, batch_plans.c.batch_id == batch_id))

    def open_plans(self) -> tuple[PlanRecord, ...]:
        """Return plans that are not settled, oldest first."""
        return self._database.read(lambda c: _plans(c, runs.c.status == RunStatus.OPEN))

    def last_begun(self) -> BatchRecord | None:
        """Return the newest batch that was executed, at least in part, or still may be."""
        begun = batches.c.state.notin_([BatchState.REFUSED, BatchState.DRY_RUN])
        return next(iter(self._database.read(lambda c: _batches(c, begun, limit=1))), None)

    def batches(self, limit: int | None = 50) -> tuple[BatchRecord, ...]:
        """Return the newest batches, newest first."""
        return self._database.read(lambda c: _batches(c, limit=limit))

    def fallback_waits(self, asset: str, instruction_id: int = 0) -> Mapping[int, datetime]:
        """Return, by chain id, since when only a fallback could serve it; 0 is the rulebook."""
        query = select(fallback_waits).where(
            fallback_waits.c.asset == asset, fallback_waits.c.instruction_id == instruction_id
        )
        rows = self._database.read(lambda c: c.execute(query).mappings().all())
        return {row["chain_id"]: row["since"] for row in rows}

    def instructions(self, *states: InstructionState) -> tuple[InstructionRecord, ...]:
        """Return instructions in the given states (all by default), oldest first."""
        query = select(instructions, batches.c.batch_id).outerjoin(
            batches, batches.c.instruction_id == instructions.c.instruction_id
        )
        if states:
            query = query.where(instructions.c.state.in_(states))
        ordered = query.order_by(instructions.c.instruction_id)
        rows = self._database.read(lambda c: c.execute(ordered).mappings().all())
        return tuple(record(InstructionRecord, row) for row in rows)


def _transfers(
    connection: Connection,
    *conditions: ColumnElement[bool],
    newest: bool = False,
    limit: int | None = None,
) -> tuple[TransferRecord, ...]:
    made = transfers.c.created_at.desc() if newest else transfers.c.created_at
    query = select(transfers).where(*conditions).order_by(made, transfers.c.transfer_id)
    rows = connection.execute(query.limit(limit)).mappings().all()
    steps = _steps_of(connection, rows)
    return tuple(_transfer(row, steps[row["run_id"]]) for row in rows)


def _transfer(row: RowMapping, steps: Sequence[RowMapping]) -> TransferRecord:
    return record(
        TransferRecord,
        row,
        new=record(NewTransfer, row, terms=record(TransferTerms, row)),
        steps={TransferWork(each["kind"]): each["step_id"] for each in steps},
        states={TransferWork(each["kind"]): each["state"] for each in steps},
        is_settled=row["settled_at"] is not None,
    )


def _placements(
    connection: Connection, condition: ColumnElement[bool]
) -> tuple[PlacementRecord, ...]:
    query = select(placements).where(condition)
    ordered = query.order_by(placements.c.created_at, placements.c.placement_id)
    rows = connection.execute(ordered).mappings().all()
    steps = _steps_of(connection, rows)
    return tuple(
        record(
            PlacementRecord,
            {**row, **steps[row["run_id"]][0]},
            new=record(NewPlacement, row),
            is_settled=row["settled_at"] is not None,
        )
        for row in rows
    )


def _plans(connection: Connection, condition: ColumnElement[bool]) -> tuple[PlanRecord, ...]:
    query = select(batch_plans).join(runs, runs.c.run_id == batch_plans.c.run_id).where(condition)
    ordered = query.order_by(runs.c.started_at, batch_plans.c.batch_id, batch_plans.c.chain_id)
    rows = connection.execute(ordered).mappings().all()
    steps = _steps_of(connection, rows)
    return tuple(
        record(PlanRecord, {**row, **steps[row["run_id"]][0]}, plan=record(BatchPlan, row))
        for row in rows
    )


def _batches(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[BatchRecord, ...]:
    query = select(batches).where(*conditions).limit(limit)
    ordered = query.order_by(batches.c.created_at.desc(), batches.c.batch_id)
    rows = connection.execute(ordered).mappings().all()
    plans: dict[str, list[BatchPlan]] = {row["batch_id"]: [] for row in rows}
    found = select(batch_plans).order_by(batch_plans.c.chain_id)
    for plan in rows_among(connection, found, batch_plans.c.batch_id, list(plans)):
        plans[plan["batch_id"]].append(record(BatchPlan, plan))
    return tuple(record(BatchRecord, row, plans=tuple(plans[row["batch_id"]])) for row in rows)


def _steps_of(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, list[RowMapping]]:
    steps: dict[str, list[RowMapping]] = {row["run_id"]: [] for row in rows}
    query = select(run_steps).order_by(run_steps.c.run_id, run_steps.c.position)
    for step in rows_among(connection, query, run_steps.c.run_id, list(steps)):
        steps[step["run_id"]].append(step)
    return steps
