"""What was planned together for the treasuries, and what people and programs have asked for."""

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
)

from keepers.model.batch import BatchOrigin, BatchState, InstructionState
from keepers.store.tables.base import metadata, one_of, states
from keepers.store.types import GivenText, GivenTime, JsonText, UtcTime

instructions = Table(
    "instructions",
    metadata,
    Column("instruction_id", Integer, primary_key=True),
    Column("client_key", String(128), nullable=False, unique=True),
    Column("body", GivenText, nullable=False),
    Column("submitted_by", String(128), nullable=False, server_default="table"),
    Column("state", String(16), nullable=False, server_default=InstructionState.RECEIVED),
    Column("reason", Text),
    Column("submitted_at", GivenTime),
    Column("ended_at", GivenTime),
    states("state", InstructionState),
    CheckConstraint("state <> 'REFUSED' OR reason IS NOT NULL", name="reason"),
)

batches = Table(
    "batches",
    metadata,
    Column("batch_id", String(64), primary_key=True),
    Column("client_key", String(128), nullable=False, unique=True),
    Column("origin", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    Column("detail", JsonText, nullable=False),
    Column("deadline", UtcTime, nullable=False),
    Column("instruction_id", Integer, ForeignKey("instructions.instruction_id"), unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    CheckConstraint(one_of("origin", BatchOrigin), name="origin"),
    states("state", BatchState),
    CheckConstraint("(state IN ('WAITING', 'RUNNING')) = (ended_at IS NULL)", name="ended"),
    CheckConstraint("state <> 'REFUSED' OR reason IS NOT NULL", name="reason"),
    Index("ix_batches_state", "state"),
)

batch_plans = Table(
    "batch_plans",
    metadata,
    Column("batch_id", String(64), ForeignKey("batches.batch_id"), primary_key=True),
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False, unique=True),
)

fallback_waits = Table(
    "fallback_waits",
    metadata,
    Column("asset", String(32), primary_key=True),
    Column("chain_id", BigInteger, primary_key=True, autoincrement=False),
    Column("instruction_id", Integer, primary_key=True, autoincrement=False),
    Column("since", UtcTime, nullable=False),
)
"""Since when only a fallback could bring a chain what it lacks; the rulebook's have id 0."""
