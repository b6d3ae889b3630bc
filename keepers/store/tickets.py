"""The engine's `Tickets`: requests for approval in the ledger's database."""

from sqlalchemy import ColumnElement

from keepers.model.approval import NewTicket, TicketRecord, TicketState
from keepers.model.errors.run import NoTicketError
from keepers.model.notice import NOTHING, Notice, Notification
from keepers.store.sending import tickets as writing_tickets
from keepers.store.sending.notices import queue_notice, queue_telling
from keepers.store.sending.transact import Ledger, Writing
from keepers.store.tables import runs
from keepers.store.tables import tickets as table


class SqlTickets:
    """Requests for approval. Anybody may sign and reject, without the vault's lease.

    Every method may raise `StoreUnavailableError`.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def ask(self, new: NewTicket, notice: Notice) -> None:
        """Ask for approval, once for a run; asked again, the first request stands."""

        def work(writing: Writing) -> None:
            writing_tickets.ask(writing, new)
            queue_notice(writing, notice)

        self._ledger.transact("ask", work)

    def approve(self, run_id: str, signer: str, owner: str, signature: str) -> bool:
        """Keep a signature; answers whether it is new.

        Raises:
            NoTicketError: Nobody was asked.
            TicketClosedError: It is decided already.
        """
        return self._ledger.transact(
            "approve", lambda w: writing_tickets.approve(w, run_id, signer, owner, signature)
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
            writing_tickets.decide(writing, run_id, state, reason, by)
            queue_telling(writing, telling)

        self._ledger.transact("decide", work)

    def remind(self, run_id: str, notice: Notice) -> None:
        """Remind people, and count it."""

        def work(writing: Writing) -> None:
            writing_tickets.remind(writing, run_id)
            queue_notice(writing, notice)

        self._ledger.transact("remind", work)

    def ticket(self, run_id: str) -> TicketRecord | None:
        """The request of a run, if there is one."""
        with self._ledger.reading() as connection:
            try:
                return writing_tickets.ticket_of(connection, run_id)
            except NoTicketError:
                return None

    def beginning(self, run_id: str) -> list[TicketRecord]:
        """Requests of runs whose ids begin so, newest first."""
        begins = table.c.run_id.startswith(run_id, autoescape=True)
        with self._ledger.reading() as connection:
            return writing_tickets.read_tickets(connection, begins)

    def waiting(self, vault: str | None = None) -> list[TicketRecord]:
        """Requests that can be signed, newest first."""
        conditions: list[ColumnElement[bool]] = [table.c.state == TicketState.WAITING]
        if vault is not None:
            conditions.append(runs.c.vault == vault)
        with self._ledger.reading() as connection:
            return writing_tickets.read_tickets(connection, *conditions)
