"""Steps: the actions of a plan as contract calls."""

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

from keepers.adapters.store.tables.base import metadata, one_of
from keepers.adapters.store.types import JsonText, UInt256
from keepers.domain.run import StepStatus

steps = Table(
    "steps",
    metadata,
    Column("step_id", Integer, primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("tier", Integer, nullable=False),
    Column("asset", String(64), nullable=False),
    Column("symbol", String(64), nullable=False),
    Column("amount", UInt256, nullable=False),
    Column("amount_in", UInt256, nullable=False),
    Column("quoted_out", UInt256, nullable=False),
    Column("minimum_out", UInt256, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("depends_on", JsonText, nullable=False),
    Column("reason", Text, nullable=False),
    Column("target", String(64), nullable=False),
    Column("calldata", Text, nullable=False),
    Column("estimated_slippage_bps", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("error", Text),
    UniqueConstraint("run_id", "position"),
    CheckConstraint(one_of("status", StepStatus), name="status"),
    CheckConstraint("tier BETWEEN 0 AND 2", name="tier"),
    CheckConstraint("error IS NULL OR status IN ('FAILED', 'SKIPPED')", name="error"),
)
