"""Coordination of keepers: leases with an epoch, claimed ticks, pauses, and events."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from keepers.model.notice import MessageKind, MessageState, Severity
from keepers.model.transaction_states import LeaseState, TickState
from keepers.store.tables.base import metadata, states, unique_where
from keepers.store.tables.types import JsonText, UtcTime, member_of

leases = Table(
    "leases",
    metadata,
    Column("scope", String(128), primary_key=True),
    Column("state", member_of(LeaseState), nullable=False),
    Column("holder", String(128)),
    Column("epoch", BigInteger, nullable=False),
    Column("expires_at", UtcTime),
    states("state", LeaseState),
    CheckConstraint("epoch > 0", name="epoch"),
    CheckConstraint(
        "(state = 'HELD') = (holder IS NOT NULL) AND (holder IS NULL) = (expires_at IS NULL)",
        name="held",
    ),
)

ticks = Table(
    "ticks",
    metadata,
    Column("tick_id", Integer, primary_key=True),
    Column("schedule", String(128), nullable=False),
    Column("due", UtcTime, nullable=False),
    Column("state", member_of(TickState), nullable=False),
    Column("claimed_by", String(128), nullable=False),
    Column("claimed_at", UtcTime, nullable=False),
    Column("run_id", String(64), ForeignKey("runs.run_id")),
    Column("reason", Text),
    UniqueConstraint("schedule", "due"),
    UniqueConstraint("run_id"),
    states("state", TickState),
    CheckConstraint("(state = 'RUN') = (run_id IS NOT NULL)", name="run"),
    CheckConstraint("(state = 'SKIPPED') = (reason IS NOT NULL)", name="skipped"),
)

pauses = Table(
    "pauses",
    metadata,
    Column("scope", String(128), primary_key=True),
    Column("reason", Text, nullable=False),
    Column("paused_by", String(128), nullable=False),
    Column("paused_at", UtcTime, nullable=False),
)


events = Table(
    "events",
    metadata,
    Column("event_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("write_name", String(64), nullable=False),
    Column("scope", String(128)),
    Column("epoch", BigInteger),
    Column("entity", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16)),
    Column("cause", String(32), nullable=False),
    Column("detail", JsonText, nullable=False),
    CheckConstraint("(scope IS NULL) = (epoch IS NULL)", name="lease"),
    Index("ix_events_entity", "entity", "key"),
)


notifications = Table(
    "notifications",
    metadata,
    Column("notification_id", Integer, primary_key=True),
    Column("key", String(256), nullable=False),
    Column("kind", member_of(MessageKind), nullable=False),
    Column("severity", member_of(Severity), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # For an open key: when it was opened, and when it was last sent.
    Column("since", UtcTime, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    Column("over_at", UtcTime),
    Column("state", member_of(MessageState), nullable=False),
    Column("delivered", JsonText, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", UtcTime),
    Column("sent_at", UtcTime),
    Column("last_error", Text),
    states("kind", MessageKind),
    states("severity", Severity),
    states("state", MessageState),
    CheckConstraint("tries >= 0", name="tries"),
    CheckConstraint("(state = 'QUEUED') = (next_try_at IS NOT NULL)", name="queued"),
    CheckConstraint("(state = 'SENT') = (sent_at IS NOT NULL)", name="sent"),
    CheckConstraint("state <> 'FAILED' OR last_error IS NOT NULL", name="failed"),
    # Only reports can be open, one per key.
    CheckConstraint("kind = 'REPORT' OR over_at IS NOT NULL", name="open"),
    unique_where("uq_notifications_open", ["key"], "over_at IS NULL"),
    Index("ix_notifications_state", "state", "notification_id"),
    Index("ix_notifications_key", "key", "since"),
)
