"""Writes of transfers: created with their batch, moved only legally, with a timeline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import RowMapping, insert, select, update

from keepers.model.errors.transaction import IllegalMoveError, UnknownRecordError
from keepers.model.notice import NOTHING, Notification
from keepers.model.run import NewRun, RunKind, RunStatus
from keepers.model.transfer import OUT, TransferCause, TransferMove, TransferPosition, is_legal_move
from keepers.model.transfer_record import (
    TREASURY,
    NewTransfer,
    OperatorRequest,
    TransferWork,
    Trouble,
)
from keepers.store.database import Writing
from keepers.store.messages import queue_notification, without_figures
from keepers.store.records import columns_of
from keepers.store.run_writes import add_step, close_run, open_run
from keepers.store.tables import placements, transfer_events, transfers

NO_FACTS: Mapping[str, str] = {}


def begin_transfer(writing: Writing, new: NewTransfer, trigger: str) -> None:
    """Open the run of a transfer with its steps, at its first position."""
    terms = new.terms
    begin_run(writing, new.run_id, terms.source_chain, trigger)
    for work in works_of(new):
        add_step(writing, new.run_id, work, {"transfer_id": new.transfer_id})
    row = {
        **columns_of(terms),
        **columns_of(new, "terms"),
        "position": OUT[0],
        "remote_id": "",
        "refused": 0,
        "created_at": writing.now,
        "moved_at": writing.now,
    }
    writing.connection.execute(insert(transfers).values(row))
    add_event(writing, new.transfer_id, "planned", start=None, end=OUT[0], cause=TransferCause.PLAN)


def begin_run(writing: Writing, run_id: str, chain_id: int, trigger: str) -> None:
    """Open a run of the treasuries."""
    run = NewRun(
        run_id=run_id,
        vault=TREASURY,
        chain_id=chain_id,
        trigger=trigger,
        armed=True,
        started_at=writing.now,
    )
    open_run(writing, RunKind.TRANSFER, run)


def works_of(new: NewTransfer) -> tuple[TransferWork, ...]:
    """Return the steps of a transfer, in order."""
    works = tuple(TransferWork)
    return works if new.invest is not None else works[:-1]


def move_transfer(
    writing: Writing,
    transfer_id: str,
    ways: Sequence[TransferPosition],
    cause: TransferCause,
    text: str,
    *,
    notification: Notification = NOTHING,
    **facts: object,
) -> None:
    """Move a transfer through positions in order, and store the given facts.

    Any move clears its wait and its trouble.

    Raises:
        UnknownRecordError: There is no such transfer.
        IllegalMoveError: A move is not legal.
    """
    start = transfer_of(writing, transfer_id)["position"]
    for end in ways:
        if not is_legal_move(TransferMove(start, end, cause)):
            raise IllegalMoveError(f"transfer {transfer_id}", start.text, end.text, cause)
        _write(writing, transfer_id, position=end)
        add_event(writing, transfer_id, text, start=start, end=end, cause=cause)
        start = end
    _write(writing, transfer_id, moved_at=writing.now, wait=None, trouble=None, **facts)
    queue_notification(writing, notification)


def note_wait(writing: Writing, transfer_id: str, text: str) -> None:
    """Record what a transfer waits for; a text with only different numbers adds no event."""
    row = transfer_of(writing, transfer_id)
    if row["wait"] == text and row["trouble"] is None:
        return
    _write(writing, transfer_id, wait=text, trouble=None)
    if row["trouble"] is None and _wording(row["wait"]) == _wording(text):
        return
    position = row["position"]
    add_event(writing, transfer_id, text, start=position, end=position)


def _wording(text: str | None) -> str | None:
    return None if text is None else without_figures(text)


def note_trouble(
    writing: Writing, transfer_id: str, trouble: Trouble, notification: Notification
) -> None:
    """Record that a transfer is stuck; operators are notified once."""
    row = transfer_of(writing, transfer_id)
    known: Trouble | None = row["trouble"]
    if known == trouble:
        return
    _write(writing, transfer_id, trouble=trouble)
    if known is None or _wording(known.reason) != _wording(trouble.reason):
        text = f"stuck: {trouble.reason}"
        add_event(writing, transfer_id, text, start=row["position"], end=row["position"])
    queue_notification(writing, notification)


def note_facts(writing: Writing, transfer_id: str, text: str, **facts: object) -> None:
    """Store facts of a transfer without a move."""
    position = transfer_of(writing, transfer_id)["position"]
    _write(writing, transfer_id, **facts)
    add_event(writing, transfer_id, text, start=position, end=position)


def settle_transfer(
    writing: Writing, transfer_id: str, status: RunStatus, reason: str | None
) -> None:
    """Close the run of a transfer whose state is final."""
    close_run(writing, transfer_of(writing, transfer_id)["run_id"], status, reason)
    _write(writing, transfer_id, settled_at=writing.now)


def settle_placement(
    writing: Writing, placement_id: str, status: RunStatus, reason: str | None
) -> None:
    """Close the run of a placement whose state is final."""
    mine = placements.c.placement_id == placement_id
    run_id = writing.connection.scalar(select(placements.c.run_id).where(mine))
    if run_id is None:
        raise UnknownRecordError(f"placement {placement_id}")
    close_run(writing, run_id, status, reason)
    writing.connection.execute(update(placements).where(mine).values(settled_at=writing.now))


def apply_request(writing: Writing, transfer_id: str, request: OperatorRequest) -> None:
    """Store an operator's decision; the holder of the lease executes it.

    Raises:
        UnknownRecordError: There is no such transfer.
    """
    text = f"{request.kind.lower().replace('_', ' ')} requested by {request.text}"
    note_facts(writing, transfer_id, text, operator_request=request)


def add_event(
    writing: Writing,
    transfer_id: str,
    text: str,
    *,
    start: TransferPosition | None,
    end: TransferPosition,
    cause: TransferCause | None = None,
    facts: Mapping[str, str] = NO_FACTS,
) -> None:
    """Add an entry to the timeline of a transfer."""
    row = insert(transfer_events).values(
        transfer_id=transfer_id,
        at=writing.now,
        from_position=start,
        to_position=end,
        cause=cause,
        text=text,
        facts=dict(facts),
    )
    writing.connection.execute(row)


def transfer_of(writing: Writing, transfer_id: str) -> RowMapping:
    """Return the row of a transfer.

    Raises:
        UnknownRecordError: There is no such transfer.
    """
    query = select(transfers).where(transfers.c.transfer_id == transfer_id)
    row = writing.connection.execute(query).mappings().first()
    if row is None:
        raise UnknownRecordError(f"transfer {transfer_id}")
    return row


def _write(writing: Writing, transfer_id: str, **values: object) -> None:
    mine = transfers.c.transfer_id == transfer_id
    writing.connection.execute(update(transfers).where(mine).values(values))
