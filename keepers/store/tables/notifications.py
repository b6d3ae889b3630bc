"""Notifications: messages to operators, and open alerts."""

from sqlalchemy import CheckConstraint, Column, Index, Integer, String, Table, Text

from keepers.model.notice import MessageKind, MessageState, Severity
from keepers.store.tables.base import metadata, states, unique_where
from keepers.store.types import JsonText, UtcTime

notifications = Table(
    "notifications",
    metadata,
    Column("notification_id", Integer, primary_key=True),
    Column("key", String(256), nullable=False),
    Column("kind", String(16), nullable=False),
    Column("severity", String(16), nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    # Of an open key: since when it is open, and when it was last told.
    Column("since", UtcTime, nullable=False),
    Column("told_at", UtcTime, nullable=False),
    Column("over_at", UtcTime),
    Column("state", String(16), nullable=False),
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
    # Only what was reported can be open, once for each key.
    CheckConstraint("kind = 'REPORT' OR over_at IS NOT NULL", name="open"),
    unique_where("uq_notifications_open", ["key"], "over_at IS NULL"),
    Index("ix_notifications_state", "state", "notification_id"),
    Index("ix_notifications_key", "key", "since"),
)
