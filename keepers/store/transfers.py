"""Repository of transfers, placements, batches and instructions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.batch import InstructionRecord
from keepers.model.errors.transfers import InstructionKeyTakenError, UnknownInstructionError
from keepers.model.notice import NOTHING, Notification
from keepers.model.transfer import TransferCause, TransferPosition
from keepers.model.transfer_record import OperatorRequest
from keepers.planning.instructions.progress import InstructionStatus
from keepers.store.batches import (
    answer_instruction,
    begin_batch,
    hold_instruction,
    move_batch,
    remember_waits,
    submit_instruction,
)
from keepers.store.database import Database, Writing, transaction
from keepers.store.leases import HeldLease
from keepers.store.records import record
from keepers.store.requests import ask_bridge, end_request, record_accepted, record_asking
from keepers.store.run_writes import close_run, skip_step
from keepers.store.tables import batches, instructions
from keepers.store.transfer_queries import TransferReader
from keepers.store.transfer_writes import (
    apply_request,
    move_transfer,
    note_facts,
    note_trouble,
    note_wait,
    settle_placement,
    settle_transfer,
)

T = TypeVar("T")


class TransferRepository(TransferReader):
    """Transfers, placements, batches and instructions.

    Every method may raise `StoreUnavailableError`, and every write `LeaseHeldError` or
    `StaleLeaseError`.
    """

    def __init__(self, database: Database, lease: HeldLease | None = None) -> None:
        """Initialise; without a lease only reads and instruction submission are possible."""
        super().__init__(database)
        self._lease = lease

    begin_batch = transaction("begin_batch", begin_batch)
    move_batch = transaction("move_batch", move_batch)
    wait = transaction("wait", note_wait)
    stick = transaction("stick", note_trouble)
    note = transaction("note_transfer", note_facts)
    skip_step = transaction("skip_step", skip_step)
    settle = transaction("settle_transfer", settle_transfer)
    settle_placement = transaction("settle_placement", settle_placement)
    settle_plan = transaction("settle_plan", close_run)
    ask = transaction("ask_bridge", ask_bridge)
    asking = transaction("asking_bridge", record_asking)
    accepted = transaction("bridge_accepted", record_accepted)
    end_request = transaction("end_request", end_request)
    answer = transaction("answer_instruction", answer_instruction)
    hold_back = transaction("hold_instruction", hold_instruction)
    remember_fallback_waits = transaction("fallback_waits", remember_waits)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write under the lease, in one named transaction."""
        assert self._lease is not None  # noqa: S101 - programming error
        self._lease.acquire()
        return self._lease.write(name, work)

    def move(
        self,
        transfer_id: str,
        ways: Sequence[TransferPosition],
        cause: TransferCause,
        text: str,
        notification: Notification = NOTHING,
        **facts: object,
    ) -> None:
        """Move a transfer through positions in order, and store the given facts."""
        self.write(
            f"move_transfer_{ways[-1].text.lower().replace('.', '_')}",
            lambda w: move_transfer(
                w, transfer_id, ways, cause, text, notification=notification, **facts
            ),
        )

    def record_request(self, transfer_id: str, request: OperatorRequest) -> None:
        """Store an operator's decision, without the lease.

        Raises:
            UnknownRecordError: There is no such transfer.
        """
        self._database.transact("wish", lambda w: apply_request(w, transfer_id, request))

    def submit(self, client_key: str, body: str, submitted_by: str) -> int:
        """Store an instruction, without the lease; the same key and body return the same id.

        Raises:
            IllegalMoveError: The key was used with another body.
        """
        return self._database.transact(
            "submit_instruction",
            lambda w: submit_instruction(w, client_key, body, submitted_by),
        )

    def release(self) -> None:
        """Release the lease, if it is held."""
        if self._lease is not None:
            self._lease.release()


Same = Callable[[str, str], bool]
"""Predicate: two bodies are the same instruction."""


@dataclass(frozen=True, slots=True)
class Submission:
    """Stored instruction, and whether it is new."""

    record: InstructionRecord
    is_new: bool


class InstructionRepository:
    """Instructions by key, without a lease; every method may raise `StoreUnavailableError`."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._transfers = TransferRepository(database)

    def submit(self, key: str, body: str, submitted_by: str, same: Same) -> Submission:
        """Store an instruction under its key, once.

        Raises:
            InstructionKeyTakenError: The key was used by another instruction.
        """

        def work(writing: Writing) -> Submission:
            there = _of_key(writing.connection, key)
            if there is not None:
                if not same(there.body, body):
                    raise InstructionKeyTakenError(key)
                return Submission(there, is_new=False)
            submit_instruction(writing, key, body, submitted_by)
            made = _of_key(writing.connection, key)
            assert made is not None  # noqa: S101 - stored on the previous line
            return Submission(made, is_new=True)

        return self._database.transact("submit_instruction", work)

    def now(self) -> datetime:
        """Return database time."""
        return self._database.now()

    def of_key(self, key: str) -> InstructionRecord | None:
        """Return the instruction with a key, if there is one."""
        return self._database.read(lambda c: _of_key(c, key))

    def newest(self, limit: int) -> tuple[InstructionRecord, ...]:
        """Return the newest instructions, newest first."""
        return self._database.read(lambda c: _instructions(c, limit=limit))

    def standing(self, key: str) -> InstructionStatus:
        """Return an instruction with its batch, transfers and placements.

        Raises:
            UnknownInstructionError: There is no instruction with this key.
        """
        found = self.of_key(key)
        if found is None:
            raise UnknownInstructionError(key)
        return self.standing_of(found)

    def standing_of(self, known: InstructionRecord) -> InstructionStatus:
        """Return a known instruction with its batch, transfers and placements."""
        if known.batch_id is None:
            return InstructionStatus(record=known)
        return InstructionStatus(
            record=known,
            batch=self._transfers.batch(known.batch_id),
            transfers=self._transfers.of_batch(known.batch_id),
            placements=self._transfers.placements_of(known.batch_id),
        )


def _of_key(connection: Connection, key: str) -> InstructionRecord | None:
    return next(iter(_instructions(connection, instructions.c.client_key == key)), None)


def _instructions(
    connection: Connection, *conditions: ColumnElement[bool], limit: int | None = None
) -> tuple[InstructionRecord, ...]:
    query = (
        select(instructions, batches.c.batch_id)
        .outerjoin(batches, batches.c.instruction_id == instructions.c.instruction_id)
        .where(*conditions)
        .order_by(instructions.c.instruction_id.desc())
        .limit(limit)
    )
    rows = connection.execute(query).mappings().all()
    return tuple(record(InstructionRecord, row) for row in rows)
