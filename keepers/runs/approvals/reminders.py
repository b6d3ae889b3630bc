"""People are reminded of what waits for them."""

from __future__ import annotations

from keepers.model.approval import TicketRecord
from keepers.model.notice import Notice, Severity
from keepers.runs.approvals.ports import ApprovalDesk


def key_of(run_id: str) -> str:
    """What notices about the approval of a run's plan go by."""
    return f"approval:{run_id}"


def reminder(desk: ApprovalDesk, record: TicketRecord) -> Notice:
    """Once more, while nobody has decided; in words that tell it from the one before.

    A text that differs in figures alone is no news, and would not be sent.
    """
    ticket = record.ticket
    which = "last" if record.reminders else "first"
    return Notice(
        key=key_of(ticket.run_id),
        severity=Severity.WARNING,
        title=f"{desk.subject}: a plan still waits for approval",
        text=(
            f"{len(record.approvals)} signature(s) so far; it expires at {ticket.deadline:%H:%M} "
            f"UTC. `ballast approve {ticket.run_id}` shows and signs it ({which} reminder)"
        ),
    )
