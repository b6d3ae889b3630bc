"""The tables of the transaction engine; runs are of several kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KINDS = "kind IN ('REBALANCE', 'PLAN', 'TRANSFER', 'UPKEEP', 'REPAIR')"
TABLES = (
    *("leases", "ticks", "run_steps", "intents", "nonce_slots", "slot_attempts", "requests"),
    "events",
)


def upgrade() -> None:
    op.drop_index("uq_runs_open", "runs")
    # With its rule in one statement, as SQLite wants it.
    op.execute(
        "ALTER TABLE runs ADD COLUMN kind VARCHAR(16) DEFAULT 'REBALANCE' NOT NULL"
        f" CONSTRAINT ck_runs_kind CHECK ({KINDS})"
    )
    create_index_of_open_runs("status = 'OPEN' AND kind = 'REBALANCE'")
    create_leases()
    create_ticks()
    create_run_steps()
    create_intents()
    create_nonce_slots()
    create_slot_attempts()
    create_requests()
    create_events()


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_index("uq_runs_open", "runs")
    op.execute("DELETE FROM runs WHERE kind <> 'REBALANCE'")
    op.drop_column("runs", "kind")
    create_index_of_open_runs("status = 'OPEN'")


def create_index_of_open_runs(condition: str) -> None:
    op.create_index(
        "uq_runs_open",
        "runs",
        ["vault"],
        unique=True,
        sqlite_where=sa.text(condition),
        postgresql_where=sa.text(condition),
    )


def create_leases() -> None:
    op.create_table(
        "leases",
        sa.Column("scope", sa.String(length=128), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("holder", sa.String(length=128), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "(state = 'HELD') = (holder IS NOT NULL) AND (holder IS NULL) = (expires_at IS NULL)",
            name=op.f("ck_leases_held"),
        ),
        sa.CheckConstraint("state IN ('HELD', 'FREE')", name=op.f("ck_leases_state")),
        sa.CheckConstraint("epoch > 0", name=op.f("ck_leases_epoch")),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_leases")),
    )


def create_ticks() -> None:
    op.create_table(
        "ticks",
        sa.Column("tick_id", sa.Integer(), nullable=False),
        sa.Column("schedule", sa.String(length=128), nullable=False),
        sa.Column("due", sa.String(length=32), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("claimed_by", sa.String(length=128), nullable=False),
        sa.Column("claimed_at", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint("(state = 'RUN') = (run_id IS NOT NULL)", name=op.f("ck_ticks_run")),
        sa.CheckConstraint(
            "(state = 'SKIPPED') = (reason IS NOT NULL)", name=op.f("ck_ticks_skipped")
        ),
        sa.CheckConstraint("state IN ('CLAIMED', 'RUN', 'SKIPPED')", name=op.f("ck_ticks_state")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_ticks_run_id")),
        sa.PrimaryKeyConstraint("tick_id", name=op.f("pk_ticks")),
        sa.UniqueConstraint("run_id", name=op.f("uq_ticks_run_id")),
        sa.UniqueConstraint("schedule", "due", name=op.f("uq_ticks_schedule_due")),
    )


def create_run_steps() -> None:
    op.create_table(
        "run_steps",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(state IN ('FAILED', 'SKIPPED')) = (reason IS NOT NULL)",
            name=op.f("ck_run_steps_reason"),
        ),
        sa.CheckConstraint(
            "state IN ('PENDING', 'ACTIVE', 'DONE', 'FAILED', 'SKIPPED')",
            name=op.f("ck_run_steps_state"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_run_steps_position")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_run_steps_run_id")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_run_steps")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_run_steps_run_id_position")),
    )


def create_intents() -> None:
    op.create_table(
        "intents",
        sa.Column("intent_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("attempt_of_step", sa.Integer(), nullable=False),
        sa.Column("idempotency_key", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("target", sa.String(length=42), nullable=False),
        sa.Column("calldata", sa.Text(), nullable=False),
        sa.Column("value", sa.String(length=78), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("gas_limit", sa.String(length=78), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'BLOCKED', 'FAILED', 'CANCELLED') OR gas_limit IS NOT NULL",
            name=op.f("ck_intents_built"),
        ),
        sa.CheckConstraint(
            (
                "state IN ('QUEUED', 'BUILT', 'AUDITED', 'BLOCKED', 'NUMBERED', 'SIGNED',"
                " 'SEALED', 'BROADCAST', 'INCLUDED', 'SAFE', 'DISPLACED', 'FINAL', 'REVERTED',"
                " 'CANCELLED', 'FAILED')"
            ),
            name=op.f("ck_intents_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('FAILED', 'BLOCKED') OR reason IS NOT NULL",
            name=op.f("ck_intents_reason"),
        ),
        sa.CheckConstraint("attempt_of_step >= 0", name=op.f("ck_intents_attempt_of_step")),
        sa.CheckConstraint("sender = lower(sender)", name=op.f("ck_intents_sender")),
        sa.ForeignKeyConstraint(
            ["step_id"], ["run_steps.step_id"], name=op.f("fk_intents_step_id")
        ),
        sa.PrimaryKeyConstraint("intent_id", name=op.f("pk_intents")),
        sa.UniqueConstraint("idempotency_key", name=op.f("uq_intents_idempotency_key")),
        sa.UniqueConstraint(
            "step_id", "attempt_of_step", name=op.f("uq_intents_step_id_attempt_of_step")
        ),
    )
    op.create_index("ix_intents_sender", "intents", ["chain_id", "sender", "state"], unique=False)
    op.create_index(
        "uq_intents_live",
        "intents",
        ["step_id"],
        unique=True,
        sqlite_where=sa.text("NOT (state IN ('CANCELLED', 'FAILED', 'FINAL', 'REVERTED'))"),
        postgresql_where=sa.text("NOT (state IN ('CANCELLED', 'FAILED', 'FINAL', 'REVERTED'))"),
    )


def create_nonce_slots() -> None:
    op.create_table(
        "nonce_slots",
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("intent_id", sa.Integer(), nullable=True),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("seen_block_number", sa.BigInteger(), nullable=True),
        sa.Column("seen_block_hash", sa.String(length=66), nullable=True),
        sa.Column("reserved_at", sa.String(length=32), nullable=False),
        sa.CheckConstraint(
            (
                "(state IN ('FOREIGN', 'FOREIGN_FINAL')) = (seen_block_hash IS NOT NULL) AND"
                " (seen_block_hash IS NULL) = (seen_block_number IS NULL)"
            ),
            name=op.f("ck_nonce_slots_seen"),
        ),
        sa.CheckConstraint(
            "intent_id IS NOT NULL OR state IN ('FOREIGN', 'FOREIGN_FINAL') OR state = 'VOID'",
            name=op.f("ck_nonce_slots_intent"),
        ),
        sa.CheckConstraint(
            (
                "state IN ('RESERVED', 'IN_USE', 'OURS', 'FOREIGN', 'OURS_FINAL',"
                " 'FOREIGN_FINAL', 'VOID')"
            ),
            name=op.f("ck_nonce_slots_state"),
        ),
        sa.CheckConstraint("nonce >= 0", name=op.f("ck_nonce_slots_nonce")),
        sa.CheckConstraint("sender = lower(sender)", name=op.f("ck_nonce_slots_sender")),
        sa.ForeignKeyConstraint(
            ["intent_id"], ["intents.intent_id"], name=op.f("fk_nonce_slots_intent_id")
        ),
        sa.PrimaryKeyConstraint("slot_id", name=op.f("pk_nonce_slots")),
    )
    op.create_index(
        "uq_nonce_slots_live",
        "nonce_slots",
        ["intent_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('FOREIGN', 'IN_USE', 'OURS', 'RESERVED')"),
        postgresql_where=sa.text("state IN ('FOREIGN', 'IN_USE', 'OURS', 'RESERVED')"),
    )
    op.create_index(
        "uq_nonce_slots_nonce",
        "nonce_slots",
        ["chain_id", "sender", "nonce"],
        unique=True,
        sqlite_where=sa.text("state <> 'VOID'"),
        postgresql_where=sa.text("state <> 'VOID'"),
    )


def create_slot_attempts() -> None:
    op.create_table(
        "slot_attempts",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("gas_limit", sa.String(length=78), nullable=False),
        sa.Column("max_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("max_priority_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("stored_at", sa.String(length=32), nullable=False),
        sa.Column("refused_at", sa.String(length=32), nullable=True),
        sa.Column("sealed_at", sa.String(length=32), nullable=True),
        sa.Column("broadcast_at", sa.String(length=32), nullable=True),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("succeeded", sa.Boolean(), nullable=True),
        sa.Column("gas_used", sa.String(length=78), nullable=True),
        sa.Column("effective_gas_price", sa.String(length=78), nullable=True),
        sa.CheckConstraint(
            (
                "(state IN ('INCLUDED', 'FINAL')) = (block_hash IS NOT NULL) AND (block_hash IS"
                " NULL) = (block_number IS NULL) AND (block_hash IS NULL) = (succeeded IS NULL)"
                " AND (block_hash IS NULL) = (gas_used IS NULL) AND (block_hash IS NULL) ="
                " (effective_gas_price IS NULL)"
            ),
            name=op.f("ck_slot_attempts_receipt"),
        ),
        sa.CheckConstraint("kind <> 'BUMP' OR position > 0", name=op.f("ck_slot_attempts_bump")),
        sa.CheckConstraint(
            "kind IN ('ORIGINAL', 'BUMP', 'CANCEL')", name=op.f("ck_slot_attempts_kind")
        ),
        sa.CheckConstraint(
            "state <> 'BROADCAST' OR broadcast_at IS NOT NULL",
            name=op.f("ck_slot_attempts_broadcast"),
        ),
        sa.CheckConstraint(
            "state <> 'REFUSED' OR refused_at IS NOT NULL", name=op.f("ck_slot_attempts_refused")
        ),
        sa.CheckConstraint(
            "state <> 'SEALED' OR sealed_at IS NOT NULL AND broadcast_at IS NULL",
            name=op.f("ck_slot_attempts_sealed"),
        ),
        sa.CheckConstraint(
            (
                "state <> 'SIGNED' OR sealed_at IS NULL AND broadcast_at IS NULL AND refused_at"
                " IS NULL"
            ),
            name=op.f("ck_slot_attempts_signed"),
        ),
        sa.CheckConstraint(
            (
                "state IN ('SIGNED', 'REFUSED', 'SEALED', 'BROADCAST', 'INCLUDED', 'REPLACED',"
                " 'DROPPED', 'FINAL')"
            ),
            name=op.f("ck_slot_attempts_state"),
        ),
        sa.CheckConstraint(
            (
                "NOT (length(max_priority_fee_per_gas) > length(max_fee_per_gas) OR"
                " length(max_priority_fee_per_gas) = length(max_fee_per_gas) AND"
                " max_priority_fee_per_gas > max_fee_per_gas)"
            ),
            name=op.f("ck_slot_attempts_tip"),
        ),
        sa.CheckConstraint(
            "broadcast_at IS NULL OR refused_at IS NULL", name=op.f("ck_slot_attempts_left_refused")
        ),
        sa.CheckConstraint(
            "broadcast_at IS NULL OR sealed_at IS NOT NULL",
            name=op.f("ck_slot_attempts_left_sealed"),
        ),
        sa.CheckConstraint("position >= 0", name=op.f("ck_slot_attempts_position")),
        sa.ForeignKeyConstraint(
            ["slot_id"], ["nonce_slots.slot_id"], name=op.f("fk_slot_attempts_slot_id")
        ),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_slot_attempts")),
        sa.UniqueConstraint("slot_id", "position", name=op.f("uq_slot_attempts_slot_id_position")),
        sa.UniqueConstraint("transaction_hash", name=op.f("uq_slot_attempts_transaction_hash")),
    )
    op.create_index(
        "uq_slot_attempts_mined",
        "slot_attempts",
        ["slot_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('INCLUDED', 'FINAL')"),
        postgresql_where=sa.text("state IN ('INCLUDED', 'FINAL')"),
    )
    op.create_index(
        "uq_slot_attempts_original",
        "slot_attempts",
        ["slot_id"],
        unique=True,
        sqlite_where=sa.text("kind = 'ORIGINAL' AND refused_at IS NULL"),
        postgresql_where=sa.text("kind = 'ORIGINAL' AND refused_at IS NULL"),
    )
    op.create_index(
        "uq_slot_attempts_unsent",
        "slot_attempts",
        ["slot_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('SIGNED', 'SEALED')"),
        postgresql_where=sa.text("state IN ('SIGNED', 'SEALED')"),
    )


def create_requests() -> None:
    op.create_table(
        "requests",
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=64), nullable=False),
        sa.Column("client_key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("remote_id", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "state <> 'ACCEPTED' OR remote_id IS NOT NULL", name=op.f("ck_requests_accepted")
        ),
        sa.CheckConstraint("state <> 'QUEUED' OR sent_at IS NULL", name=op.f("ck_requests_queued")),
        sa.CheckConstraint(
            "state IN ('QUEUED', 'SENT', 'ACCEPTED', 'DONE', 'FAILED', 'CANCELLED')",
            name=op.f("ck_requests_state"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('FAILED', 'CANCELLED') OR reason IS NOT NULL",
            name=op.f("ck_requests_reason"),
        ),
        sa.CheckConstraint(
            "state NOT IN ('SENT', 'ACCEPTED', 'DONE') OR sent_at IS NOT NULL",
            name=op.f("ck_requests_sent"),
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["run_steps.step_id"], name=op.f("fk_requests_step_id")
        ),
        sa.PrimaryKeyConstraint("request_id", name=op.f("pk_requests")),
        sa.UniqueConstraint("account", "client_key", name=op.f("uq_requests_account_client_key")),
    )
    op.create_index(
        "uq_requests_live",
        "requests",
        ["step_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('ACCEPTED', 'QUEUED', 'SENT')"),
        postgresql_where=sa.text("state IN ('ACCEPTED', 'QUEUED', 'SENT')"),
    )


def create_events() -> None:
    op.create_table(
        "events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("write_name", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=128), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("thing", sa.String(length=32), nullable=False),
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("from_state", sa.String(length=16), nullable=True),
        sa.Column("to_state", sa.String(length=16), nullable=True),
        sa.Column("cause", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.CheckConstraint("(scope IS NULL) = (epoch IS NULL)", name=op.f("ck_events_lease")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
    )
    op.create_index("ix_events_thing", "events", ["thing", "key"], unique=False)
