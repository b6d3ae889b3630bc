"""The transfer machine's memory in the ledger's database."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping, select, update
from sqlalchemy.sql.elements import ColumnElement

from keepers.adapters.store.ledger import batches as writing_batches
from keepers.adapters.store.ledger import requests as writing_requests
from keepers.adapters.store.ledger import transfers as writing_transfers
from keepers.adapters.store.ledger.holding import HeldLease
from keepers.adapters.store.ledger.notices import queue_telling
from keepers.adapters.store.ledger.reading import intents_of_run
from keepers.adapters.store.ledger.runs import close_run, skip_step
from keepers.adapters.store.ledger.transact import Ledger, Writing
from keepers.adapters.store.tables import (
    batch_plans,
    batches,
    instructions,
    placements,
    requests,
    run_steps,
    runs,
    transfer_events,
    transfers,
)
from keepers.adapters.store.transfer_records import (
    batch_record,
    instruction_record,
    placement_record,
    plan_record,
    transfer_event,
    transfer_record,
    wish_document,
)
from keepers.domain.batch import (
    LIVE_BATCHES,
    BatchRecord,
    BatchState,
    InstructionRecord,
    InstructionState,
    NewBatch,
    PlanRecord,
)
from keepers.domain.errors_transaction import UnknownRecord
from keepers.domain.notice import NOTHING, Telling
from keepers.domain.run import RunStatus
from keepers.domain.transaction.records import IntentRecord, NewRequest, account_scope
from keepers.domain.transaction.states import LIVE_REQUESTS, RequestState
from keepers.domain.transfer import Place, TransferCause
from keepers.domain.transfer_record import (
    TREASURY,
    PlacementRecord,
    TransferEvent,
    TransferRecord,
    Trouble,
    Wish,
)

T = TypeVar("T")
UNASKED = frozenset({RequestState.QUEUED, RequestState.SENT})


def treasury_lease(ledger: Ledger, *, holder: str, seconds: int) -> HeldLease:
    """The lease on all transfers: one keeper moves them at a time, and asks bridges for them."""
    return HeldLease(ledger, account_scope(TREASURY), holder, seconds)


class SqlTransfers:
    """Transfers, placements, batches and instructions.

    Every method may raise `JournalUnavailable`, and what writes `LeaseHeld` or `StaleLease`.
    """

    def __init__(self, ledger: Ledger, lease: HeldLease | None = None) -> None:
        """Without a lease it can be read, and instructions can be submitted."""
        self._ledger = ledger
        self._lease = lease

    def now(self) -> datetime:
        """The time of the database."""
        return self._ledger.now()

    def begin_batch(self, new: NewBatch, telling: Telling = NOTHING) -> bool:
        """Keep a batch with all that belongs to it; False if its key was there before."""

        def work(writing: Writing) -> bool:
            is_new = writing_batches.begin_batch(writing, new)
            if is_new:
                queue_telling(writing, telling)
            return is_new

        return self._write("begin_batch", work)

    def move_batch(
        self,
        batch_id: str,
        state: BatchState,
        reason: str | None = None,
        telling: Telling = NOTHING,
    ) -> None:
        """Bring a batch to another state, with its instruction, and tell people."""

        def work(writing: Writing) -> None:
            writing_batches.move_batch(writing, batch_id, state, reason)
            queue_telling(writing, telling)

        self._write("move_batch", work)

    def move(
        self,
        transfer_id: str,
        ways: Sequence[Place],
        cause: TransferCause,
        text: str,
        telling: Telling = NOTHING,
        **facts: object,
    ) -> None:
        """Bring a transfer along a way, place by place, with what is known of it then."""

        def work(writing: Writing) -> None:
            known = _columns(facts)
            writing_transfers.move_transfer(writing, transfer_id, ways, cause, text, **known)
            queue_telling(writing, telling)

        self._write(f"move_transfer_{ways[-1].text.lower().replace('.', '_')}", work)

    def wait(self, transfer_id: str, text: str) -> None:
        """Remember what a transfer waits for."""
        self._write("wait", lambda w: writing_transfers.note_wait(w, transfer_id, text))

    def stick(self, transfer_id: str, trouble: Trouble, telling: Telling) -> None:
        """Remember that a transfer is stuck, and tell people once."""

        def work(writing: Writing) -> None:
            if writing_transfers.note_trouble(writing, transfer_id, trouble):
                queue_telling(writing, telling)

        self._write("stick", work)

    def note(self, transfer_id: str, text: str, **facts: object) -> None:
        """Write what is known of a transfer that stays where it is."""
        known = _columns(facts)
        self._write(
            "note_transfer",
            lambda w: writing_transfers.note_facts(w, transfer_id, text, **known),
        )

    def wish(self, transfer_id: str, wish: Wish) -> None:
        """Keep what a person has decided, whoever works; the keeper carries it out.

        Raises:
            UnknownRecord: There is no such transfer.
        """

        def work(writing: Writing) -> None:
            text = f"asked for {wish.kind.lower().replace('_', ' ')} by {wish.text}"
            writing_transfers.note_facts(writing, transfer_id, text, wish=wish_document(wish))

        self._ledger.transact("wish", work)

    def skip_step(self, step_id: int, reason: str) -> None:
        """A step that is not to be done."""
        self._write("skip_step", lambda w: skip_step(w, step_id, reason))

    def settle(self, transfer_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a transfer can change any more: its run is closed."""

        def work(writing: Writing) -> None:
            row = writing_transfers.transfer_of(writing, transfer_id)
            close_run(writing, row["run_id"], status, reason)
            mine = transfers.c.transfer_id == transfer_id
            writing.connection.execute(update(transfers).where(mine).values(settled_at=writing.now))

        self._write("settle_transfer", work)

    def settle_placement(self, placement_id: str, status: RunStatus, reason: str | None) -> None:
        """The same of a placement."""

        def work(writing: Writing) -> None:
            mine = placements.c.placement_id == placement_id
            run_id = writing.connection.scalar(select(placements.c.run_id).where(mine))
            if run_id is None:
                raise UnknownRecord(f"placement {placement_id}")
            close_run(writing, run_id, status, reason)
            changed = update(placements).where(mine).values(settled_at=writing.now)
            writing.connection.execute(changed)

        self._write("settle_placement", work)

    def ask(self, new: NewRequest) -> tuple[int, datetime | None]:
        """Store what a bridge is to be asked; answers its id, and when it last was asked."""

        def work(writing: Writing) -> tuple[int, datetime | None]:
            request_id = writing_requests.submit_request(writing, new)
            return request_id, writing_requests.last_sent(writing, request_id)

        return self._write("ask_bridge", work)

    def asking(self, request_id: int) -> None:
        """A bridge is about to be asked."""

        def work(writing: Writing) -> None:
            if self._request_state(writing, request_id) in UNASKED:
                writing_requests.mark_sent(writing, request_id)
            else:
                writing_requests.note_sent(writing, request_id)

        self._write("asking_bridge", work)

    def accepted(self, request_id: int, remote_id: str) -> None:
        """A bridge has it; asked or not, since some need not be asked."""

        def work(writing: Writing) -> None:
            state = self._request_state(writing, request_id)
            if state is RequestState.QUEUED:
                writing_requests.mark_sent(writing, request_id)
            if state in UNASKED:
                writing_requests.accept_request(writing, request_id, remote_id)

        self._write("bridge_accepted", work)

    def end_request(self, step_id: int, reason: str | None) -> None:
        """A crossing has come to its end: done, or not for a reason; nothing asked is nothing."""

        def work(writing: Writing) -> None:
            mine = (requests.c.step_id == step_id) & requests.c.state.in_(sorted(LIVE_REQUESTS))
            row = writing.connection.execute(select(requests).where(mine)).mappings().first()
            if row is None:
                return
            request_id, is_queued = row["request_id"], row["state"] == RequestState.QUEUED
            if is_queued:
                text = reason or "the bridge was not asked"
                writing_requests.cancel_request(writing, request_id, text)
            elif reason is None:
                writing_requests.finish_request(writing, request_id)
            else:
                writing_requests.fail_request(writing, request_id, reason)

        self._write("end_request", work)

    def unsettled(self) -> tuple[TransferRecord, ...]:
        """Transfers of which something may still change, oldest first."""
        return self._ledger.read(lambda c: _transfers(c, transfers.c.settled_at.is_(None)))

    def transfer(self, transfer_id: str) -> TransferRecord:
        """A transfer; raises `UnknownRecord` if there is none of this id."""
        found = self._ledger.read(lambda c: _transfers(c, transfers.c.transfer_id == transfer_id))
        if not found:
            raise UnknownRecord(f"transfer {transfer_id}")
        return found[0]

    def beginning(self, text: str) -> tuple[TransferRecord, ...]:
        """Transfers whose ids begin so, or have so after the `0x`."""
        prefix = text.lower() if text.lower().startswith("0x") else f"0x{text.lower()}"
        begins = transfers.c.transfer_id.startswith(prefix, autoescape=True)
        return self._ledger.read(lambda c: _transfers(c, begins))

    def transfers(self, limit: int | None = 50) -> tuple[TransferRecord, ...]:
        """The newest transfers, newest first."""
        return self._ledger.read(lambda c: _transfers(c, newest=True, limit=limit))

    def of_batch(self, batch_id: str) -> tuple[TransferRecord, ...]:
        """The transfers of a batch."""
        return self._ledger.read(lambda c: _transfers(c, transfers.c.batch_id == batch_id))

    def timeline(self, transfer_id: str) -> tuple[TransferEvent, ...]:
        """What happened to a transfer, oldest first."""
        mine = transfer_events.c.transfer_id == transfer_id
        query = select(transfer_events).where(mine).order_by(transfer_events.c.event_id)
        rows = self._ledger.read(lambda c: c.execute(query).mappings().all())
        return tuple(map(transfer_event, rows))

    def open_placements(self) -> tuple[PlacementRecord, ...]:
        """Placements of which something may still change, oldest first."""
        return self._ledger.read(lambda c: _placements(c, placements.c.settled_at.is_(None)))

    def placements_of(self, batch_id: str) -> tuple[PlacementRecord, ...]:
        """The placements of a batch."""
        return self._ledger.read(lambda c: _placements(c, placements.c.batch_id == batch_id))

    def intents(self, run_id: str) -> tuple[IntentRecord, ...]:
        """All that was asked of the transaction engines for a run."""
        return self._ledger.read(lambda c: intents_of_run(c, run_id))

    def batch(self, batch_id: str) -> BatchRecord:
        """A batch; raises `UnknownRecord` if there is none of this id."""
        found = self._ledger.read(lambda c: _batches(c, batches.c.batch_id == batch_id))
        if not found:
            raise UnknownRecord(f"batch {batch_id}")
        return found[0]

    def batch_of_run(self, run_id: str) -> BatchRecord:
        """The batch of a plan; raises `UnknownRecord` if the run opens none."""
        mine = batch_plans.c.run_id == run_id
        found = self._ledger.read(lambda c: _plans(c, mine))
        if not found:
            raise UnknownRecord(f"plan {run_id}")
        return self.batch(found[0].batch_id)

    def batches_beginning(self, text: str) -> tuple[BatchRecord, ...]:
        """Batches whose ids begin so, newest first."""
        begins = batches.c.batch_id.startswith(text, autoescape=True)
        return self._ledger.read(lambda c: _batches(c, begins))

    def live_batches(self) -> tuple[BatchRecord, ...]:
        """Batches that have not ended, oldest first."""
        live = batches.c.state.in_(sorted(LIVE_BATCHES))
        return tuple(reversed(self._ledger.read(lambda c: _batches(c, live))))

    def batch_of_key(self, client_key: str) -> BatchRecord | None:
        """The batch of a key, if there is one."""
        same = batches.c.client_key == client_key
        return next(iter(self._ledger.read(lambda c: _batches(c, same))), None)

    def plans_of(self, batch_id: str) -> tuple[PlanRecord, ...]:
        """The plans of a batch, by chain id."""
        return self._ledger.read(lambda c: _plans(c, batch_plans.c.batch_id == batch_id))

    def open_plans(self) -> tuple[PlanRecord, ...]:
        """Plans of which something may still change, oldest first."""
        return self._ledger.read(lambda c: _plans(c, runs.c.status == RunStatus.OPEN))

    def settle_plan(self, run_id: str, status: RunStatus, reason: str | None) -> None:
        """Nothing of a plan's opening can change any more: its run is closed."""
        self._write("settle_plan", lambda w: close_run(w, run_id, status, reason))

    def last_begun(self) -> BatchRecord | None:
        """The newest batch that was carried out, in part at least, or still may be."""
        begun = batches.c.state.notin_([BatchState.REFUSED, BatchState.DRY_RUN])
        return next(iter(self._ledger.read(lambda c: _batches(c, begun, limit=1))), None)

    def batches(self, limit: int | None = 50) -> tuple[BatchRecord, ...]:
        """The newest batches, newest first."""
        return self._ledger.read(lambda c: _batches(c, limit=limit))

    def submit(self, client_key: str, body: str, submitted_by: str) -> int:
        """Keep an instruction, whoever works; the same one again answers the same id.

        Raises:
            IllegalMove: The key came with another body.
        """
        return self._ledger.transact(
            "submit_instruction",
            lambda w: writing_batches.submit_instruction(w, client_key, body, submitted_by),
        )

    def answer(
        self,
        instruction_id: int,
        state: InstructionState,
        reason: str | None,
        telling: Telling = NOTHING,
    ) -> None:
        """Say what became of an instruction for which no batch is made."""

        def work(writing: Writing) -> None:
            writing_batches.answer_instruction(writing, instruction_id, state, reason)
            queue_telling(writing, telling)

        self._write("answer_instruction", work)

    def instructions(self, *states: InstructionState) -> tuple[InstructionRecord, ...]:
        """Instructions in some states, or all, oldest first."""
        query = select(instructions, batches.c.batch_id).outerjoin(
            batches, batches.c.instruction_id == instructions.c.instruction_id
        )
        if states:
            query = query.where(instructions.c.state.in_(states))
        ordered = query.order_by(instructions.c.instruction_id)
        rows = self._ledger.read(lambda c: c.execute(ordered).mappings().all())
        return tuple(instruction_record(row, row["batch_id"]) for row in rows)

    def release(self) -> None:
        """Give the lease back, if it is held."""
        if self._lease is not None:
            self._lease.release()

    @staticmethod
    def _request_state(writing: Writing, request_id: int) -> RequestState:
        mine = requests.c.request_id == request_id
        return RequestState(
            writing.connection.execute(select(requests.c.state).where(mine)).scalar_one()
        )

    def _write(self, name: str, work: Callable[[Writing], T]) -> T:
        assert self._lease is not None  # noqa: S101 - who only reads has none
        self._lease.acquire()
        return self._lease.write(name, work)


def _columns(facts: dict[str, Any]) -> dict[str, Any]:
    proof = facts.get("proof")
    return facts if proof is None else {**facts, "proof": proof.hex()}


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
    return tuple(transfer_record(row, steps[row["run_id"]]) for row in rows)


def _placements(
    connection: Connection, condition: ColumnElement[bool]
) -> tuple[PlacementRecord, ...]:
    query = select(placements).where(condition)
    ordered = query.order_by(placements.c.created_at, placements.c.placement_id)
    rows = connection.execute(ordered).mappings().all()
    steps = _steps_of(connection, rows)
    return tuple(placement_record(row, steps[row["run_id"]][0]) for row in rows)


def _plans(connection: Connection, condition: ColumnElement[bool]) -> tuple[PlanRecord, ...]:
    query = select(batch_plans).join(runs, runs.c.run_id == batch_plans.c.run_id).where(condition)
    ordered = query.order_by(runs.c.started_at, batch_plans.c.batch_id, batch_plans.c.chain_id)
    rows = connection.execute(ordered).mappings().all()
    steps = _steps_of(connection, rows)
    return tuple(plan_record(row, steps[row["run_id"]][0]) for row in rows)


def _batches(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[BatchRecord, ...]:
    query = select(batches).where(*conditions).limit(limit)
    ordered = query.order_by(batches.c.created_at.desc(), batches.c.batch_id)
    rows = connection.execute(ordered).mappings().all()
    mine = batch_plans.c.batch_id.in_([row["batch_id"] for row in rows])
    found = select(batch_plans).where(mine).order_by(batch_plans.c.chain_id)
    plans: dict[str, list[RowMapping]] = {row["batch_id"]: [] for row in rows}
    for plan in connection.execute(found).mappings():
        plans[plan["batch_id"]].append(plan)
    return tuple(batch_record(row, plans[row["batch_id"]]) for row in rows)


def _steps_of(connection: Connection, rows: Sequence[RowMapping]) -> dict[str, list[RowMapping]]:
    steps: dict[str, list[RowMapping]] = {row["run_id"]: [] for row in rows}
    mine = run_steps.c.run_id.in_(list(steps))
    query = select(run_steps).where(mine).order_by(run_steps.c.run_id, run_steps.c.position)
    for step in connection.execute(query).mappings():
        steps[step["run_id"]].append(step)
    return steps
