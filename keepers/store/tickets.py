"""Repository of approval requests: created by keepers, signed or rejected by approvers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.approval import (
    TICKET_MOVES,
    GivenApproval,
    NewTicket,
    TicketRecord,
    TicketState,
)
from keepers.model.errors.run import NoTicketError, TicketClosedError
from keepers.model.notice import NOTHING, Notice, Notification
from keepers.model.transaction_states import Annotation
from keepers.store.database import Database, Writing, transaction
from keepers.store.messages import queue_notice, queue_notification
from keepers.store.records import columns_of, record
from keepers.store.tables import approvals, runs, tickets
from keepers.store.transitions import append_event

TICKET = "tickets"
T = TypeVar("T")


def ask(writing: Writing, new: NewTicket, notice: Notice | None = None) -> None:
    """Create an approval request, one per run; keep the first one on repetition."""
    if _row(writing.connection, new.run_id) is None:
        row = columns_of(new) | {"state": TicketState.WAITING, "reminders": 0}
        writing.connection.execute(insert(tickets).values(row))
        detail = {"plan_hash": new.plan_hash, "required": new.required}
        waiting = TicketState.WAITING
        append_event(writing, TICKET, new.run_id, Annotation.ASK, to_state=waiting, detail=detail)
    if notice is not None:
        queue_notice(writing, notice)


def approve(writing: Writing, run_id: str, signer: str, owner: str, signature: str) -> bool:
    """Store a signature; return whether it is new. The first per owner and signer counts.

    Raises:
        NoTicketError: The run has no request.
        TicketClosedError: It is already decided.
    """
    known = ticket_of(writing.connection, run_id)
    if known.state is not TicketState.WAITING:
        raise TicketClosedError(run_id, known.state, known.reason)
    if any((each.signer, each.owner) == (signer, owner) for each in known.approvals):
        return False
    row = {"run_id": run_id, "signer": signer, "owner": owner, "signature": signature}
    writing.connection.execute(insert(approvals).values(given_at=writing.now, **row))
    detail = {"signer": signer, "owner": owner}
    append_event(writing, TICKET, run_id, Annotation.APPROVE, detail=detail)
    return True


def decide(
    writing: Writing,
    run_id: str,
    state: TicketState,
    reason: str | None = None,
    notification: Notification = NOTHING,
    *,
    by: str | None = None,
) -> None:
    """Grant a request, or refuse it with a reason, and notify operators.

    Raises:
        NoTicketError: The run has no request.
        TicketClosedError: It is already decided differently.
    """
    known = ticket_of(writing.connection, run_id)
    if known.state is not state:
        if state not in TICKET_MOVES.get(known.state, frozenset()):
            raise TicketClosedError(run_id, known.state, known.reason)
        changes = {"state": state, "reason": reason, "decided_by": by, "decided_at": writing.now}
        mine = tickets.c.run_id == run_id
        writing.connection.execute(update(tickets).where(mine).values(changes))
        append_event(
            writing,
            TICKET,
            run_id,
            Annotation.DECIDE,
            from_state=known.state,
            to_state=state,
            detail={"reason": reason, "by": by},
        )
    queue_notification(writing, notification)


def remind(writing: Writing, run_id: str, notice: Notice) -> None:
    """Queue a reminder to approvers, and count it."""
    row = update(tickets).where(tickets.c.run_id == run_id)
    writing.connection.execute(row.values(reminders=tickets.c.reminders + 1))
    queue_notice(writing, notice)


def ticket_of(connection: Connection, run_id: str) -> TicketRecord:
    """Return the request of a run.

    Raises:
        NoTicketError: The run has no request.
    """
    row = _row(connection, run_id)
    if row is None:
        raise NoTicketError(run_id)
    return _record(connection, row)


def _read(connection: Connection, *conditions: ColumnElement[bool]) -> list[TicketRecord]:
    query = select(tickets).join(runs, runs.c.run_id == tickets.c.run_id).where(*conditions)
    rows = connection.execute(query.order_by(tickets.c.asked_at.desc(), tickets.c.run_id))
    return [_record(connection, row) for row in rows.mappings()]


def _row(connection: Connection, run_id: str) -> RowMapping | None:
    query = select(tickets).where(tickets.c.run_id == run_id)
    return connection.execute(query).mappings().first()


def _record(connection: Connection, row: RowMapping) -> TicketRecord:
    given = select(approvals).where(approvals.c.run_id == row["run_id"])
    rows = connection.execute(given.order_by(approvals.c.signer, approvals.c.owner)).mappings()
    signatures = tuple(record(GivenApproval, each) for each in rows)
    return record(TicketRecord, row, ticket=record(NewTicket, row), approvals=signatures)


class TicketRepository:
    """Approval requests; they require no lease.

    Every method may raise `StoreUnavailableError`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    ask = transaction("ask", ask)
    approve = transaction("approve", approve)
    decide = transaction("decide", decide)
    remind = transaction("remind", remind)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one named transaction."""
        return self._database.transact(name, work)

    def ticket(self, run_id: str) -> TicketRecord | None:
        """Return the request of a run, if there is one."""
        try:
            return self._database.read(lambda c: ticket_of(c, run_id))
        except NoTicketError:
            return None

    def beginning(self, run_id: str) -> list[TicketRecord]:
        """Return the requests of runs by id prefix, newest first."""
        begins = tickets.c.run_id.startswith(run_id, autoescape=True)
        return self._database.read(lambda c: _read(c, begins))

    def owner(self, run_id: str) -> str:
        """Return the owner of a request's run."""
        query = select(runs.c.vault).where(runs.c.run_id == run_id)
        owner = self._database.read(lambda c: c.scalar(query))
        if owner is None:
            raise NoTicketError(run_id)
        return owner

    def waiting(self, vault: str | None = None) -> list[TicketRecord]:
        """Return the requests that can be signed, of one owner or of all, newest first."""
        waiting = tickets.c.state == TicketState.WAITING
        conditions = (waiting,) if vault is None else (waiting, runs.c.vault == vault)
        return self._database.read(lambda c: _read(c, *conditions))
