"""Steps of runs on the transaction engine: what each is for is in tables of their own kind."""

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

from keepers.model.transactions.states import StepState
from keepers.store.tables.base import metadata, states
from keepers.store.types import JsonText

run_steps = Table(
    "run_steps",
    metadata,
    Column("step_id", Integer, primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("detail", JsonText, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", Text),
    UniqueConstraint("run_id", "position"),
    states("state", StepState),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("(state IN ('FAILED', 'SKIPPED')) = (reason IS NOT NULL)", name="reason"),
    Column("outcome", JsonText),
)
