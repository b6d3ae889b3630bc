"""The first tables: runs, stages, steps, attempts and samples."""

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import allow, refuse

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

MOVES = {
    "runs": "OLD.status = 'OPEN' AND NEW.status <> 'OPEN'",
    "steps": (
        "OLD.status = 'PENDING' AND NEW.status IN ('SENDING', 'FAILED', 'SKIPPED')"
        " OR OLD.status = 'SENDING' AND NEW.status IN ('DONE', 'FAILED')"
    ),
    "attempts": "OLD.status IN ('STORED', 'BROADCAST') AND NEW.status <> 'STORED'",
}
"""The legal moves, as `keepers/model/run_moves.py` has them."""

SIGNED = "chain_id, sender, nonce, transaction_hash, raw"
"""What never changes once it is signed."""


def upgrade() -> None:
    create_runs()
    create_stages()
    create_steps()
    create_attempts()
    create_samples()
    for table, legal in MOVES.items():
        refuse(f"tr_{table}_move", f"UPDATE OF status ON {table}", f"NOT ({legal})")
    refuse("tr_attempts_signed", f"UPDATE OF {SIGNED} ON attempts")


def downgrade() -> None:
    for table in MOVES:
        allow(f"tr_{table}_move", table)
    allow("tr_attempts_signed", "attempts")
    for table in ("samples", "attempts", "steps", "stages", "runs"):
        op.drop_table(table)


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("trigger", sa.String(length=32), nullable=False),
        sa.Column("armed", sa.Boolean(), nullable=False),
        sa.Column("started_at", sa.String(length=32), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("finished_at", sa.String(length=32), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status = 'OPEN') = (finished_at IS NULL)", name=op.f("ck_runs_finished")
        ),
        sa.CheckConstraint(
            "status IN ('OPEN', 'NOTHING_TO_DO', 'DRY_RUN', 'DONE', 'PARTIAL', 'FAILED', 'REFUSED',"
            " 'INTERRUPTED')",
            name=op.f("ck_runs_status"),
        ),
        sa.PrimaryKeyConstraint("run_id", name=op.f("pk_runs")),
    )
    op.create_index("ix_runs_vault_started", "runs", ["vault", "started_at"], unique=False)
    op.create_index(
        "uq_runs_open",
        "runs",
        ["vault"],
        unique=True,
        sqlite_where=sa.text("status = 'OPEN'"),
        postgresql_where=sa.text("status = 'OPEN'"),
    )


def create_stages() -> None:
    op.create_table(
        "stages",
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("stage", sa.String(length=16), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "stage IN ('PLAN', 'RISK', 'APPROVAL', 'SIMULATION', 'EXECUTION', 'VERIFICATION',"
            " 'RECORD')",
            name=op.f("ck_stages_stage"),
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_stages_run_id")),
        sa.PrimaryKeyConstraint("run_id", "stage", name=op.f("pk_stages")),
    )


def create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.String(length=78), nullable=False),
        sa.Column("amount_in", sa.String(length=78), nullable=False),
        sa.Column("quoted_out", sa.String(length=78), nullable=False),
        sa.Column("minimum_out", sa.String(length=78), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("calldata", sa.Text(), nullable=False),
        sa.Column("estimated_slippage_bps", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "error IS NULL OR status IN ('FAILED', 'SKIPPED')", name=op.f("ck_steps_error")
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'SENDING', 'DONE', 'FAILED', 'SKIPPED')",
            name=op.f("ck_steps_status"),
        ),
        sa.CheckConstraint("tier BETWEEN 0 AND 2", name=op.f("ck_steps_tier")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_steps_run_id")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_steps")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_steps_run_id_position")),
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("gas_limit", sa.String(length=78), nullable=False),
        sa.Column("max_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("max_priority_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("stored_at", sa.String(length=32), nullable=False),
        sa.Column("broadcast_at", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("gas_used", sa.String(length=78), nullable=True),
        sa.Column("effective_gas_price", sa.String(length=78), nullable=True),
        sa.Column("received", sa.String(length=78), nullable=True),
        sa.Column("slippage_bps", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('STORED', 'BROADCAST')) = (settled_at IS NULL)",
            name=op.f("ck_attempts_settled"),
        ),
        sa.CheckConstraint(
            "(status IN ('SUCCEEDED', 'REVERTED')) = (block_number IS NOT NULL)"
            " AND (block_number IS NULL) = (block_hash IS NULL)"
            " AND (block_number IS NULL) = (gas_used IS NULL)"
            " AND (block_number IS NULL) = (effective_gas_price IS NULL)",
            name=op.f("ck_attempts_receipt"),
        ),
        sa.CheckConstraint(
            "received IS NULL OR status = 'SUCCEEDED'", name=op.f("ck_attempts_received")
        ),
        sa.CheckConstraint(
            "status <> 'BROADCAST' OR broadcast_at IS NOT NULL", name=op.f("ck_attempts_broadcast")
        ),
        sa.CheckConstraint(
            "status <> 'STORED' OR broadcast_at IS NULL", name=op.f("ck_attempts_stored")
        ),
        sa.CheckConstraint(
            "status IN ('STORED', 'BROADCAST', 'SUCCEEDED', 'REVERTED', 'LOST')",
            name=op.f("ck_attempts_status"),
        ),
        sa.CheckConstraint("nonce >= 0", name=op.f("ck_attempts_nonce")),
        sa.ForeignKeyConstraint(["step_id"], ["steps.step_id"], name=op.f("fk_attempts_step_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "chain_id",
            "sender",
            "nonce",
            "transaction_hash",
            name=op.f("uq_attempts_chain_id_sender_nonce_transaction_hash"),
        ),
    )
    op.create_index("ix_attempts_step_id", "attempts", ["step_id"], unique=False)
    op.create_index(
        "uq_attempts_unsettled",
        "attempts",
        ["step_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('STORED', 'BROADCAST')"),
        postgresql_where=sa.text("status IN ('STORED', 'BROADCAST')"),
    )


def create_samples() -> None:
    op.create_table(
        "samples",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("l1", sa.String(length=78), nullable=False),
        sa.Column("l2", sa.String(length=78), nullable=False),
        sa.Column("l3", sa.String(length=78), nullable=False),
        sa.Column("label", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_samples")),
    )
    op.create_index("ix_samples_vault", "samples", ["vault", "sample_id"], unique=False)
