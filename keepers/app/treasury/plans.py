"""Plans of treasuries that people were asked to approve, as the database has them."""

from __future__ import annotations

from keepers.adapters.store.ledger.transact import Ledger
from keepers.adapters.store.tickets import SqlTickets
from keepers.domain.errors_approval import NoTicket
from keepers.domain.treasury import TreasuryPlan


def stored_plan(ledger: Ledger, run_id: str) -> TreasuryPlan:
    """The plan that a run opens.

    Raises:
        NoTicket: Nobody was asked for one.
    """
    record = SqlTickets(ledger).ticket(run_id)
    if record is None:
        raise NoTicket(run_id)
    return record.ticket.treasury_plan
