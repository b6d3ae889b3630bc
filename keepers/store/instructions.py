"""Instructions by client key, with their batch, transfers and placements."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.batch import InstructionRecord
from keepers.model.errors.transfers import InstructionKeyTakenError, UnknownInstructionError
from keepers.planning.instructions.progress import InstructionStatus
from keepers.store.batches import submit_instruction
from keepers.store.database import Database, Writing
from keepers.store.records import record
from keepers.store.tables import batches, instructions
from keepers.store.transfers import TransferRepository

Same = Callable[[str, str], bool]
"""Whether two bodies are the same instruction."""


@dataclass(frozen=True, slots=True)
class Submission:
    """An instruction in the table, and whether it was put there now."""

    record: InstructionRecord
    is_new: bool


class InstructionRepository:
    """Every method may raise `StoreUnavailableError`; none needs a lease."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._transfers = TransferRepository(database)

    def submit(self, key: str, body: str, submitted_by: str, same: Same) -> Submission:
        """Keep an instruction under its key; the same again is not kept twice.

        Raises:
            InstructionKeyTakenError: The key came with another instruction.
        """

        def work(writing: Writing) -> Submission:
            there = _of_key(writing.connection, key)
            if there is not None:
                if not same(there.body, body):
                    raise InstructionKeyTakenError(key)
                return Submission(there, is_new=False)
            submit_instruction(writing, key, body, submitted_by)
            made = _of_key(writing.connection, key)
            assert made is not None  # noqa: S101 - it was made a line before
            return Submission(made, is_new=True)

        return self._database.transact("submit_instruction", work)

    def now(self) -> datetime:
        """The time of the database."""
        return self._database.now()

    def of_key(self, key: str) -> InstructionRecord | None:
        """The instruction of a key, if there is one."""
        return self._database.read(lambda c: _of_key(c, key))

    def newest(self, limit: int) -> tuple[InstructionRecord, ...]:
        """The newest instructions, newest first."""
        return self._database.read(lambda c: _instructions(c, limit=limit))

    def standing(self, key: str) -> InstructionStatus:
        """An instruction with its batch, transfers and placements.

        Raises:
            UnknownInstructionError: There is none of this key.
        """
        found = self.of_key(key)
        if found is None:
            raise UnknownInstructionError(key)
        return self.standing_of(found)

    def standing_of(self, known: InstructionRecord) -> InstructionStatus:
        """The same of one that is known."""
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
