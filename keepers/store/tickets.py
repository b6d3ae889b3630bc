"""Repository of approval requests: asked by a keeper, signed and rejected by approvers."""

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
from keepers.model.transactions.states import Annotation
from keepers.store.database import Database, Writing
from keepers.store.messages import queue_notice, queue_telling
from keepers.store.records import columns_of, record
from keepers.store.tables import approvals, runs, tickets
from keepers.store.transitions import append_event

TICKET = "tickets"


def ask(writing: Writing, new: NewTicket) -> None:
    """Ask for approval, once for a run; asked again, the first request stands."""
    if _row(writing.connection, new.run_id) is not None:
        return
    row = columns_of(new) | {"state": TicketState.WAITING, "reminders": 0}
    writing.connection.execute(insert(tickets).values(row))
    detail = {"plan_hash": new.plan_hash, "required": new.required}
    append_event(
        writing, TICKET, new.run_id, Annotation.ASK, to_state=TicketState.WAITING, detail=detail
    )


def approve(writing: Writing, run_id: str, signer: str, owner: str, signature: str) -> bool:
    """Keep a signature; answers whether it is new. The first of an owner for a signer counts.

    Raises:
        NoTicketError: Nobody was asked.
        TicketClosedError: It is decided already.
    """
    require_waiting(writing.connection, run_id)
    whose = {"run_id": run_id, "signer": signer, "owner": owner}
    known = select(approvals.c.run_id).where(
        *(approvals.c[name] == value for name, value in whose.items())
    )
    if writing.connection.scalar(known) is not None:
        return False
    row = {**whose, "signature": signature, "given_at": writing.now}
    writing.connection.execute(insert(approvals).values(row))
    detail = {"signer": signer, "owner": owner}
    append_event(writing, TICKET, run_id, Annotation.APPROVE, detail=detail)
    return True


def decide(
    writing: Writing,
    run_id: str,
    state: TicketState,
    reason: str | None = None,
    by: str | None = None,
) -> None:
    """Grant it, or refuse it for a reason.

    Raises:
        NoTicketError: Nobody was asked.
        TicketClosedError: It is decided otherwise already.
    """
    known = ticket_of(writing.connection, run_id)
    if known.state is state:
        return
    if state not in TICKET_MOVES.get(known.state, frozenset()):
        raise TicketClosedError(run_id, known.state, known.reason)
    changes = {"state": state, "reason": reason, "decided_by": by, "decided_at": writing.now}
    row = update(tickets).where(tickets.c.run_id == run_id).values(changes)
    writing.connection.execute(row)
    detail = {"reason": reason, "by": by}
    append_event(
        writing,
        TICKET,
        run_id,
        Annotation.DECIDE,
        from_state=known.state,
        to_state=state,
        detail=detail,
    )


def remind(writing: Writing, run_id: str) -> None:
    """Count a reminder."""
    row = update(tickets).where(tickets.c.run_id == run_id)
    writing.connection.execute(row.values(reminders=tickets.c.reminders + 1))


def require_waiting(connection: Connection, run_id: str) -> TicketRecord:
    """The request, if it can be signed.

    Raises:
        NoTicketError: Nobody was asked.
        TicketClosedError: It is decided already.
    """
    known = ticket_of(connection, run_id)
    if known.state is not TicketState.WAITING:
        raise TicketClosedError(run_id, known.state, known.reason)
    return known


def ticket_of(connection: Connection, run_id: str) -> TicketRecord:
    """The request of a run.

    Raises:
        NoTicketError: Nobody was asked.
    """
    row = _row(connection, run_id)
    if row is None:
        raise NoTicketError(run_id)
    return _record(connection, row)


def read_tickets(connection: Connection, *conditions: ColumnElement[bool]) -> list[TicketRecord]:
    """Requests that meet all conditions, newest first."""
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
    """Requests for approval. Anybody may sign and reject, without the vault's lease.

    Every method may raise `StoreUnavailableError`.
    """

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger

    def ask(self, new: NewTicket, notice: Notice) -> None:
        """Ask for approval, once for a run; asked again, the first request stands."""

        def work(writing: Writing) -> None:
            ask(writing, new)
            queue_notice(writing, notice)

        self._ledger.transact("ask", work)

    def approve(self, run_id: str, signer: str, owner: str, signature: str) -> bool:
        """Keep a signature; answers whether it is new.

        Raises:
            NoTicketError: Nobody was asked.
            TicketClosedError: It is decided already.
        """
        return self._ledger.transact(
            "approve", lambda w: approve(w, run_id, signer, owner, signature)
        )

    def decide(
        self,
        run_id: str,
        state: TicketState,
        reason: str | None = None,
        telling: Notification = NOTHING,
        *,
        by: str | None = None,
    ) -> None:
        """Grant it, or refuse it for a reason, and tell people.

        Raises:
            NoTicketError: Nobody was asked.
            TicketClosedError: It is decided otherwise already.
        """

        def work(writing: Writing) -> None:
            decide(writing, run_id, state, reason, by)
            queue_telling(writing, telling)

        self._ledger.transact("decide", work)

    def remind(self, run_id: str, notice: Notice) -> None:
        """Remind people, and count it."""

        def work(writing: Writing) -> None:
            remind(writing, run_id)
            queue_notice(writing, notice)

        self._ledger.transact("remind", work)

    def ticket(self, run_id: str) -> TicketRecord | None:
        """The request of a run, if there is one."""
        with self._ledger.reading() as connection:
            try:
                return ticket_of(connection, run_id)
            except NoTicketError:
                return None

    def beginning(self, run_id: str) -> list[TicketRecord]:
        """Requests of runs whose ids begin so, newest first."""
        begins = tickets.c.run_id.startswith(run_id, autoescape=True)
        with self._ledger.reading() as connection:
            return read_tickets(connection, begins)

    def owner(self, run_id: str) -> str:
        """Return the owner in whose name the run of a request is kept."""
        with self._ledger.reading() as connection:
            owner = connection.scalar(select(runs.c.vault).where(runs.c.run_id == run_id))
        if owner is None:
            raise NoTicketError(run_id)
        return owner

    def waiting(self, vault: str | None = None) -> list[TicketRecord]:
        """Requests that can be signed, newest first."""
        conditions: list[ColumnElement[bool]] = [tickets.c.state == TicketState.WAITING]
        if vault is not None:
            conditions.append(runs.c.vault == vault)
        with self._ledger.reading() as connection:
            return read_tickets(connection, *conditions)
