"""Requests: effects off-chain, each asked for under a key of ours."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from keepers.model.transactions.states import LIVE_REQUESTS, RequestState
from keepers.store.tables.base import metadata, one_of, states, unique_where
from keepers.store.types import UtcTime

requests = Table(
    "requests",
    metadata,
    Column("request_id", Integer, primary_key=True),
    Column("step_id", Integer, ForeignKey("run_steps.step_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("client_key", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", String(16), nullable=False),
    Column("remote_id", String(128)),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    UniqueConstraint("account", "client_key"),
    states("state", RequestState),
    CheckConstraint("state <> 'QUEUED' OR sent_at IS NULL", name="queued"),
    CheckConstraint(
        "state NOT IN ('SENT', 'ACCEPTED', 'DONE') OR sent_at IS NOT NULL", name="sent"
    ),
    CheckConstraint("state <> 'ACCEPTED' OR remote_id IS NOT NULL", name="accepted"),
    CheckConstraint("state NOT IN ('FAILED', 'CANCELLED') OR reason IS NOT NULL", name="reason"),
    unique_where("uq_requests_live", ["step_id"], one_of("state", sorted(LIVE_REQUESTS))),
)
