"""Block cursors of watchers, deposits, and levels of assets."""

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

from keepers.model.chain_events import LevelKind
from keepers.store.tables.base import metadata, one_of
from keepers.store.tables.types import UInt256, UtcTime, member_of

watched_blocks = Table(
    "watched_blocks",
    metadata,
    Column("vault", String(128), primary_key=True),
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("block_number", BigInteger, primary_key=True, autoincrement=False),
    Column("block_hash", String(66), nullable=False),
    Column("read_at", UtcTime, nullable=False),
)
"""Block cursors: the newest is current, the older ones are for recovery after a reorganisation."""

deposits = Table(
    "deposits",
    metadata,
    Column("deposit_id", Integer, primary_key=True),
    Column("vault", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("block_hash", String(66), nullable=False),
    Column("log_index", BigInteger, nullable=False),
    Column("amount", UInt256, nullable=False),
    Column("found_at", UtcTime, nullable=False),
    Column("withdrawn_at", UtcTime),
    Column("handled_at", UtcTime),
    Column("run_id", String(64), ForeignKey("runs.run_id")),
    UniqueConstraint("chain_id", "block_hash", "log_index"),
    CheckConstraint("(handled_at IS NULL) = (run_id IS NULL)", name="handled"),
    Index("ix_deposits_vault", "vault", "block_number"),
)
"""Deposits, each handled by at most one run; withdrawn if a reorg removed its block."""

levels = Table(
    "levels",
    metadata,
    Column("vault", String(128), primary_key=True),
    Column("kind", member_of(LevelKind), primary_key=True),
    Column("asset", String(64), primary_key=True),
    Column("value", UInt256, nullable=False),
    Column("set_at", UtcTime, nullable=False),
    Column("run_id", String(64), ForeignKey("runs.run_id")),
    CheckConstraint(one_of("kind", LevelKind), name="kind"),
)
"""Levels of assets from which changes are measured, and the run that handled the last change."""


samples = Table(
    "samples",
    metadata,
    Column("sample_id", Integer, primary_key=True),
    Column("vault", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("l1", UInt256, nullable=False),
    Column("l2", UInt256, nullable=False),
    Column("l3", UInt256, nullable=False),
    Column("label", Text),
    Index("ix_samples_vault", "vault", "sample_id"),
)


yield_samples = Table(
    "yield_samples",
    metadata,
    Column("sample_id", Integer, primary_key=True),
    Column("vault", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("asset", String(42), nullable=False),
    Column("block_number", BigInteger, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("assets", UInt256, nullable=False),
    Column("shares", UInt256, nullable=False),
    CheckConstraint("assets <> '0' AND shares <> '0'", name="worth"),
    Index("ix_yield_samples_vault", "vault", "chain_id", "at"),
)
