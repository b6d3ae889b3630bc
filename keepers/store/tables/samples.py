"""Samples of tier values and of fund yields."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, Integer, String, Table, Text

from keepers.store.tables.base import metadata
from keepers.store.types import UInt256, UtcTime

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
