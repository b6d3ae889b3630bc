"""Requests for approval, and the signatures that people gave."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
)

from keepers.model.approval import TicketState
from keepers.store.tables.base import metadata, states
from keepers.store.types import JsonText, UtcTime

tickets = Table(
    "tickets",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.run_id"), primary_key=True),
    Column("plan", JsonText, nullable=False),
    Column("plan_hash", String(66), nullable=False, unique=True),
    Column("required", Integer, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("deadline", UtcTime, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("decided_by", String(128)),
    Column("decided_at", UtcTime),
    Column("reminders", BigInteger, nullable=False),
    states("state", TicketState),
    CheckConstraint("required > 0", name="required"),
    CheckConstraint("reminders >= 0", name="reminders"),
    CheckConstraint("deadline > asked_at", name="deadline"),
    CheckConstraint(
        "(state IN ('REJECTED', 'EXPIRED', 'VOID')) = (reason IS NOT NULL)", name="reason"
    ),
    CheckConstraint("(state = 'REJECTED') = (decided_by IS NOT NULL)", name="decided_by"),
    CheckConstraint("(state = 'WAITING') = (decided_at IS NULL)", name="decided_at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("run_id", String(64), ForeignKey("tickets.run_id"), primary_key=True),
    Column("signer", String(42), primary_key=True),
    Column("owner", String(42), primary_key=True),
    Column("signature", Text, nullable=False),
    Column("given_at", UtcTime, nullable=False),
)
