"""Events: every move and whatever else is worth remembering, never changed."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table

from keepers.store.tables.base import metadata
from keepers.store.types import JsonText, UtcTime

events = Table(
    "events",
    metadata,
    Column("event_id", Integer, primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("write_name", String(64), nullable=False),
    Column("scope", String(128)),
    Column("epoch", BigInteger),
    Column("thing", String(32), nullable=False),
    Column("key", String(128), nullable=False),
    Column("from_state", String(16)),
    Column("to_state", String(16)),
    Column("cause", String(32), nullable=False),
    Column("detail", JsonText, nullable=False),
    CheckConstraint("(scope IS NULL) = (epoch IS NULL)", name="lease"),
    Index("ix_events_thing", "thing", "key"),
)
