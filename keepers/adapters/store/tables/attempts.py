"""Attempts: signed transactions, and what became of them."""

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
    text,
)

from keepers.adapters.store.tables.base import metadata, one_of
from keepers.adapters.store.types import UInt256, UtcTime
from keepers.domain.run import AttemptStatus

UNSETTLED = "status IN ('STORED', 'BROADCAST')"

attempts = Table(
    "attempts",
    metadata,
    Column("attempt_id", Integer, primary_key=True),
    Column("step_id", Integer, ForeignKey("steps.step_id"), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("transaction_hash", String(66), nullable=False),
    Column("raw", Text, nullable=False),
    Column("gas_limit", UInt256, nullable=False),
    Column("max_fee_per_gas", UInt256, nullable=False),
    Column("max_priority_fee_per_gas", UInt256, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("broadcast_at", UtcTime),
    Column("settled_at", UtcTime),
    Column("status", String(16), nullable=False),
    Column("block_number", BigInteger),
    Column("block_hash", String(66)),
    Column("gas_used", UInt256),
    Column("effective_gas_price", UInt256),
    Column("received", UInt256),
    Column("slippage_bps", String(64)),
    Column("error", Text),
    UniqueConstraint("chain_id", "sender", "nonce", "transaction_hash"),
    CheckConstraint(one_of("status", AttemptStatus), name="status"),
    CheckConstraint(f"({UNSETTLED}) = (settled_at IS NULL)", name="settled"),
    CheckConstraint("status <> 'STORED' OR broadcast_at IS NULL", name="stored"),
    CheckConstraint("status <> 'BROADCAST' OR broadcast_at IS NOT NULL", name="broadcast"),
    CheckConstraint(
        "(status IN ('SUCCEEDED', 'REVERTED')) = (block_number IS NOT NULL)"
        " AND (block_number IS NULL) = (block_hash IS NULL)"
        " AND (block_number IS NULL) = (gas_used IS NULL)"
        " AND (block_number IS NULL) = (effective_gas_price IS NULL)",
        name="receipt",
    ),
    CheckConstraint("received IS NULL OR status = 'SUCCEEDED'", name="received"),
    CheckConstraint("nonce >= 0", name="nonce"),
    Index("ix_attempts_step_id", "step_id"),
    Index(
        "uq_attempts_unsettled",
        "step_id",
        unique=True,
        sqlite_where=text(UNSETTLED),
        postgresql_where=text(UNSETTLED),
    ),
)
