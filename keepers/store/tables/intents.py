"""Intents: calls to be made at most once."""

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

from keepers.model.transactions.states import ENDED_INTENTS, Hold, IntentState, RequestedAction
from keepers.store.tables.base import metadata, one_of, states, unique_where
from keepers.store.types import JsonText, UInt256, UtcTime

UNBUILT = "state IN ('QUEUED', 'BLOCKED', 'FAILED', 'CANCELLED')"

intents = Table(
    "intents",
    metadata,
    Column("intent_id", Integer, primary_key=True),
    Column("step_id", Integer, ForeignKey("run_steps.step_id"), nullable=False),
    Column("attempt_of_step", Integer, nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("target", String(42), nullable=False),
    Column("calldata", Text, nullable=False),
    Column("value", UInt256, nullable=False),
    Column("state", String(16), nullable=False),
    Column("gas_limit", UInt256),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("step_id", "attempt_of_step"),
    UniqueConstraint("idempotency_key"),
    states("state", IntentState),
    CheckConstraint("attempt_of_step >= 0", name="attempt_of_step"),
    CheckConstraint("sender = lower(sender)", name="sender"),
    CheckConstraint(f"{UNBUILT} OR gas_limit IS NOT NULL", name="built"),
    CheckConstraint("state NOT IN ('FAILED', 'BLOCKED') OR reason IS NOT NULL", name="reason"),
    # Last, and with their rules beside them, as SQLite adds columns to a table that is there.
    Column("gas_cap", UInt256),
    Column("expires_at", UtcTime),
    Column("access_list", JsonText),
    Column("hold", String(16), CheckConstraint(one_of("hold", Hold), name="hold")),
    Column("wanted", String(16), CheckConstraint(one_of("wanted", RequestedAction), name="wanted")),
    unique_where("uq_intents_live", ["step_id"], f"NOT ({one_of('state', sorted(ENDED_INTENTS))})"),
    Index("ix_intents_sender", "chain_id", "sender", "state"),
)
