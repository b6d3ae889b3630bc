"""Runs, results of stages, steps, approval requests and approvals."""

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
    UniqueConstraint,
    text,
)

from keepers.model.approval import SignedPlan, TicketState
from keepers.model.chain_events import Handled
from keepers.model.run import RunKind, RunStatus, Stage
from keepers.model.transaction_states import StepState
from keepers.store.tables.base import metadata, one_of, states
from keepers.store.tables.types import JsonOf, JsonText, UtcTime, member_of

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
    Column("status", member_of(RunStatus), nullable=False),
    Column("finished_at", UtcTime),
    Column("reason", Text),
    Column(
        "kind",
        member_of(RunKind),
        CheckConstraint(one_of("kind", RunKind), name="kind"),
        nullable=False,
        server_default=RunKind.REBALANCE,
    ),
    Column("follows", String(64)),
    # Not a foreign key, since ticks reference runs; ticks are never deleted.
    Column("tick_id", Integer),
    Column("handles", JsonOf(Handled)),
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
    Column("stage", member_of(Stage), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("detail", JsonText, nullable=False),
    CheckConstraint(one_of("stage", Stage), name="stage"),
)


run_steps = Table(
    "run_steps",
    metadata,
    Column("step_id", Integer, primary_key=True),
    Column("run_id", String(64), ForeignKey("runs.run_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(32), nullable=False),
    Column("detail", JsonText, nullable=False),
    Column("state", member_of(StepState), nullable=False),
    Column("reason", Text),
    UniqueConstraint("run_id", "position"),
    states("state", StepState),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("(state IN ('FAILED', 'SKIPPED')) = (reason IS NOT NULL)", name="reason"),
    Column("outcome", JsonText),
    # The step whose call executes this step, if it is not its own.
    Column("carrier_id", Integer, ForeignKey("run_steps.step_id")),
    Index("ix_run_steps_carrier", "carrier_id"),
)


tickets = Table(
    "tickets",
    metadata,
    Column("run_id", String(64), ForeignKey("runs.run_id"), primary_key=True),
    Column("plan", JsonOf(SignedPlan), nullable=False),
    Column("plan_hash", String(66), nullable=False, unique=True),
    Column("required", Integer, nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("deadline", UtcTime, nullable=False),
    Column("state", member_of(TicketState), nullable=False),
    Column("reason", Text),
    Column("decided_by", String(128)),
    Column("decided_at", UtcTime),
    Column("reminders", BigInteger, nullable=False),
    states("state", TicketState),
    CheckConstraint("required > 0", name="required"),
    CheckConstraint("reminders >= 0", name="reminders"),
    CheckConstraint("deadline > asked_at", name="deadline"),
    CheckConstraint(
        "(state IN ('REJECTED', 'EXPIRED', 'VOID')) = (reason IS NOT NULL)", name="reason"
    ),
    CheckConstraint("(state = 'REJECTED') = (decided_by IS NOT NULL)", name="decided_by"),
    CheckConstraint("(state = 'WAITING') = (decided_at IS NULL)", name="decided_at"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("run_id", String(64), ForeignKey("tickets.run_id"), primary_key=True),
    Column("signer", String(42), primary_key=True),
    Column("owner", String(42), primary_key=True),
    Column("signature", Text, nullable=False),
    Column("given_at", UtcTime, nullable=False),
)
