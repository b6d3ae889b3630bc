"""Writes of batches and instructions: one per key, moved only by legal transitions."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import RowMapping, delete, insert, select, update

from keepers.model.batch import (
    BATCH_MOVES,
    INSTRUCTION_MOVES,
    LIVE_BATCHES,
    BatchState,
    InstructionState,
    NewBatch,
)
from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import OPENING
from keepers.model.transfer_record import NewPlacement
from keepers.store.database import Writing
from keepers.store.messages import queue_notification
from keepers.store.records import columns_of
from keepers.store.run_writes import add_step
from keepers.store.tables import batch_plans, batches, fallback_waits, instructions, placements
from keepers.store.tickets import ask
from keepers.store.transfer_writes import begin_run, begin_transfer

ENDS = {
    BatchState.REFUSED: InstructionState.FAILED,
    BatchState.DRY_RUN: InstructionState.DONE,
    BatchState.DONE: InstructionState.DONE,
    BatchState.PARTIAL: InstructionState.PARTIAL,
    BatchState.FAILED: InstructionState.FAILED,
}
"""State of an instruction by the terminal state of its batch."""


def begin_batch(writing: Writing, new: NewBatch, notification: Notification = NOTHING) -> bool:
    """Store a batch with its transfers, placements and plans; return False if its key exists.

    Raises:
        IllegalMoveError: The initial state is not legal.
    """
    if batch_by_key(writing, new.client_key) is not None:
        return False
    if new.state not in BATCH_MOVES[None]:
        raise IllegalMoveError("new batch", "nothing", new.state, "PLAN")
    is_live = new.state in LIVE_BATCHES
    row = columns_of(new, "transfers", "placements", "plans", "tickets")
    ended_at = None if is_live else writing.now
    writing.connection.execute(
        insert(batches).values(created_at=writing.now, ended_at=ended_at, **row)
    )
    for each in new.transfers:
        begin_transfer(writing, each, new.origin)
    for placement in new.placements:
        _begin_placement(writing, placement, new.origin)
    for plan in new.plans:
        begin_run(writing, plan.run_id, plan.chain_id, new.origin)
        add_step(writing, plan.run_id, OPENING, {"batch_id": new.batch_id})
        row = insert(batch_plans).values(batch_id=new.batch_id, **columns_of(plan))
        writing.connection.execute(row)
    for ticket in new.tickets:
        ask(writing, ticket)
    if new.instruction_id is not None:
        state = InstructionState.RUNNING if is_live else ENDS[new.state]
        answer_instruction(writing, new.instruction_id, state, new.reason)
    queue_notification(writing, notification)
    return True


def move_batch(
    writing: Writing,
    batch_id: str,
    state: BatchState,
    reason: str | None = None,
    notification: Notification = NOTHING,
) -> None:
    """Move a batch to another state; a terminal state also ends its instruction.

    Raises:
        UnknownRecordError: There is no such batch.
        IllegalMoveError: The transition is not legal.
    """
    row = _batch(writing, batch_id)
    current = row["state"]
    if state not in BATCH_MOVES.get(current, ()):
        raise IllegalMoveError(f"batch {batch_id}", current, state, "ADVANCE")
    ended = None if state in LIVE_BATCHES else writing.now
    values = {"state": state, "reason": reason, "ended_at": ended}
    mine = batches.c.batch_id == batch_id
    writing.connection.execute(update(batches).where(mine).values(values))
    if row["instruction_id"] is not None and ended is not None:
        answer_instruction(writing, row["instruction_id"], ENDS[state], reason)
    queue_notification(writing, notification)


def answer_instruction(
    writing: Writing,
    instruction_id: int,
    state: InstructionState,
    reason: str | None,
    notification: Notification = NOTHING,
) -> None:
    """Move an instruction to another state.

    Raises:
        UnknownRecordError: There is no such instruction.
        IllegalMoveError: The transition is not legal.
    """
    mine = instructions.c.instruction_id == instruction_id
    current = writing.connection.scalar(select(instructions.c.state).where(mine))
    if current is None:
        raise UnknownRecordError(f"instruction {instruction_id}")
    if state not in INSTRUCTION_MOVES.get(current, ()):
        raise IllegalMoveError(f"instruction {instruction_id}", current, state, "ANSWER")
    ended = None if state is InstructionState.RUNNING else writing.now
    values = {"state": state, "reason": reason, "ended_at": ended}
    writing.connection.execute(update(instructions).where(mine).values(values))
    waits = fallback_waits.c.instruction_id == instruction_id
    writing.connection.execute(delete(fallback_waits).where(waits))
    queue_notification(writing, notification)


def hold_instruction(writing: Writing, instruction_id: int, reason: str) -> None:
    """Record why a received instruction is not started yet."""
    mine = instructions.c.instruction_id == instruction_id
    waiting = mine & (instructions.c.state == InstructionState.RECEIVED)
    writing.connection.execute(update(instructions).where(waiting).values(reason=reason))


def remember_waits(
    writing: Writing,
    asset: str,
    begun: Collection[int],
    ended: Collection[int],
    instruction_id: int = 0,
) -> None:
    """Record since when chains wait for a fallback, and delete waits that ended.

    Waits are per asset, for the rulebook (0) or an instruction.
    """
    gone = (
        (fallback_waits.c.asset == asset)
        & (fallback_waits.c.instruction_id == instruction_id)
        & fallback_waits.c.chain_id.in_([*begun, *ended])
    )
    writing.connection.execute(delete(fallback_waits).where(gone))
    mine = {"asset": asset, "instruction_id": instruction_id, "since": writing.now}
    for chain_id in sorted(begun):
        writing.connection.execute(insert(fallback_waits).values(chain_id=chain_id, **mine))


def submit_instruction(writing: Writing, client_key: str, body: str, submitted_by: str) -> int:
    """Store an instruction; the same key and body return the same id.

    Raises:
        IllegalMoveError: The key was used with another body.
    """
    same = instructions.c.client_key == client_key
    row = writing.connection.execute(select(instructions).where(same)).mappings().first()
    if row is not None:
        if row["body"] != body:
            raise IllegalMoveError(f"instruction {client_key}", "given", "another one", "SUBMIT")
        return row["instruction_id"]
    added = insert(instructions).values(
        client_key=client_key,
        body=body,
        submitted_by=submitted_by,
        state=InstructionState.RECEIVED,
        submitted_at=writing.now,
    )
    return writing.connection.execute(added.returning(instructions.c.instruction_id)).scalar_one()


def batch_by_key(writing: Writing, client_key: str) -> RowMapping | None:
    """Return the batch with a client key."""
    query = select(batches).where(batches.c.client_key == client_key)
    return writing.connection.execute(query).mappings().first()


def _begin_placement(writing: Writing, new: NewPlacement, trigger: str) -> None:
    begin_run(writing, new.run_id, new.chain_id, trigger)
    add_step(writing, new.run_id, new.verb, {"transfer_id": new.placement_id})
    row = columns_of(new) | {"created_at": writing.now}
    writing.connection.execute(insert(placements).values(row))


def _batch(writing: Writing, batch_id: str) -> RowMapping:
    query = select(batches).where(batches.c.batch_id == batch_id)
    row = writing.connection.execute(query).mappings().first()
    if row is None:
        raise UnknownRecordError(f"batch {batch_id}")
    return row
