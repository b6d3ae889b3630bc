"""Runs and the results of their stages."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from keepers.model.run import RunKind, RunStatus, Stage
from keepers.store.tables.base import metadata, one_of
from keepers.store.types import JsonText, UtcTime

OPEN_REBALANCE = "status = 'OPEN' AND kind = 'REBALANCE'"

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(64), primary_key=True),
    Column("vault", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("trigger", String(32), nullable=False),
    Column("armed", Boolean, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("status", String(16), nullable=False),
    Column("finished_at", UtcTime),
    Column("reason", Text),
    # Last, and with its rule beside it, as SQLite adds a column to a table that is there.
    Column(
        "kind",
        String(16),
        CheckConstraint(one_of("kind", RunKind), name="kind"),
        nullable=False,
        server_default=RunKind.REBALANCE,
    ),
    Column("follows", String(64)),
    # Foreign keys lead from ticks to runs, so this is none; ticks are never deleted.
    Column("tick_id", Integer),
    Column("handles", JsonText),
    CheckConstraint(one_of("status", RunStatus), name="status"),
    CheckConstraint("(status = 'OPEN') = (finished_at IS NULL)", name="finished"),
    Index("ix_runs_vault_started", "vault", "started_at"),
    Index(
        "uq_runs_open",
        "vault",
        unique=True,
        sqlite_where=text(OPEN_REBALANCE),
        postgresql_where=text(OPEN_REBALANCE),
    ),
)

stages = Table(
    "stages",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.run_id"), primary_key=True),
    Column("stage", String(16), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("detail", JsonText, nullable=False),
    CheckConstraint(one_of("stage", Stage), name="stage"),
)
