"""Treasuries: instructions, batches, transfers with their timeline, and placements in venues."""

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import allow, refuse

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

CHAIN_STEPS = ("BUILD", "AUDIT", "SIGN", "VALIDATE", "BROADCAST", "CONFIRM")
OUT = tuple(f"TRANSFER_OUT.{step}" for step in CHAIN_STEPS)
CROSS = tuple(f"CROSS.{step}" for step in ("CREATE", "CROSSING", "CROSSED"))
IN = tuple(f"TRANSFER_IN.{step}" for step in CHAIN_STEPS)
INVEST = tuple(f"INVEST.{step}" for step in CHAIN_STEPS)
ROWS = (
    *((each[place : place + 1], each[place + 1 : place + 2])
      for each in (OUT, CROSS, IN, INVEST) for place in range(len(each) - 1)),
    (OUT[-1:], CROSS[:1]),
    (CROSS[-1:], IN[:1]),
    (IN, (INVEST[0], "DONE")),
    (INVEST[-1:], ("DONE",)),
    *((each[1:], each[:1]) for each in (OUT, IN, INVEST)),
    ((CROSS[-1], *IN), (CROSS[1],)),
    (CROSS, (OUT[-1],)),
    (INVEST, (IN[-1],)),
    (("DONE",), (IN[-1], INVEST[-1])),
    (OUT, ("CALLED_OFF",)),
    (("CALLED_OFF",), (OUT[-1],)),
    (CROSS[:2], (CROSS[-1],)),
    (CROSS[1:], (CROSS[0],)),
    ((*OUT, *CROSS, *IN, *INVEST), ("DONE",)),
)  # fmt: skip
"""Where a transfer may go from where."""

BATCHES = (
    "WAITING>RUNNING", "WAITING>REFUSED", "RUNNING>DONE", "RUNNING>PARTIAL", "RUNNING>FAILED",
)  # fmt: skip
INSTRUCTIONS = (
    *("RECEIVED>REFUSED", "RECEIVED>RUNNING", "RECEIVED>DONE"),
    *("RUNNING>DONE", "RUNNING>PARTIAL", "RUNNING>FAILED"),
)
TERMS = (
    "transfer_id, run_id, batch_id, source_chain, source_treasury, destination_chain,"
    " destination_treasury, asset, amount, min_received, route, nonce, options, native_fee, part,"
    " invest, created_at"
)
TRIGGERS = (
    ("tr_transfers_move", "transfers"),
    ("tr_transfers_new", "transfers"),
    ("tr_transfers_terms", "transfers"),
    ("tr_transfers_delete", "transfers"),
    ("tr_transfer_events_update", "transfer_events"),
    ("tr_transfer_events_delete", "transfer_events"),
    ("tr_placements_fixed", "placements"),
    ("tr_placements_delete", "placements"),
    ("tr_batches_move", "batches"),
    ("tr_batches_new", "batches"),
    ("tr_batches_delete", "batches"),
    ("tr_instructions_move", "instructions"),
    ("tr_instructions_new", "instructions"),
    ("tr_instructions_fixed", "instructions"),
)


def upgrade() -> None:
    create_instructions()
    create_batches()
    create_transfers()
    create_timeline()
    create_placements()
    refuse_other_moves()
    refuse_changes()


def downgrade() -> None:
    for trigger, table in reversed(TRIGGERS):
        allow(trigger, table)
    for table in ("placements", "transfer_events", "transfers", "batch_plans", "batches"):
        op.drop_table(table)
    op.drop_table("instructions")


def refuse_other_moves() -> None:
    moves = sorted(
        {f"'{start}>{end}'" for starts, ends in ROWS for start in starts for end in ends}
    )
    moved = "OLD.place <> NEW.place AND OLD.place || '>' || NEW.place NOT IN"
    refuse("tr_transfers_move", "UPDATE OF place ON transfers", f"{moved} ({', '.join(moves)})")
    refuse("tr_transfers_new", "INSERT ON transfers", f"NEW.place <> '{OUT[0]}'")
    for table, legal in (("batches", BATCHES), ("instructions", INSTRUCTIONS)):
        named = ", ".join(f"'{each}'" for each in legal)
        condition = f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({named})"
        refuse(f"tr_{table}_move", f"UPDATE OF state ON {table}", condition)
    first = "NEW.state NOT IN ('DRY_RUN', 'REFUSED', 'WAITING', 'RUNNING')"
    refuse("tr_batches_new", "INSERT ON batches", first)
    refuse("tr_instructions_new", "INSERT ON instructions", "NEW.state <> 'RECEIVED'")


def refuse_changes() -> None:
    refuse("tr_transfers_terms", f"UPDATE OF {TERMS} ON transfers")
    refuse("tr_transfers_delete", "DELETE ON transfers")
    for table in ("transfer_events", "placements", "batches"):
        refuse(f"tr_{table}_delete", f"DELETE ON {table}")
    refuse("tr_transfer_events_update", "UPDATE ON transfer_events")
    fixed = "placement_id, run_id, batch_id, chain_id, asset, verb, move, created_at"
    refuse("tr_placements_fixed", f"UPDATE OF {fixed} ON placements")
    refuse("tr_instructions_fixed", "UPDATE OF client_key, body, submitted_by ON instructions")


def create_instructions() -> None:
    op.create_table(
        "instructions",
        sa.Column("instruction_id", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=128), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("submitted_by", sa.String(length=128), server_default="table", nullable=False),
        sa.Column("state", sa.String(length=16), server_default="RECEIVED", nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.String(length=32), nullable=True),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "state IN ('RECEIVED', 'REFUSED', 'RUNNING', 'DONE', 'PARTIAL', 'FAILED')",
            name=op.f("ck_instructions_state"),
        ),
        sa.CheckConstraint(
            "state <> 'REFUSED' OR reason IS NOT NULL", name=op.f("ck_instructions_reason")
        ),
        sa.PrimaryKeyConstraint("instruction_id", name=op.f("pk_instructions")),
        sa.UniqueConstraint("client_key", name=op.f("uq_instructions_client_key")),
    )


def create_batches() -> None:
    op.create_table(
        "batches",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("client_key", sa.String(length=128), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("deadline", sa.String(length=32), nullable=False),
        sa.Column("instruction_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("ended_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint(
            "origin IN ('RULEBOOK', 'INSTRUCTION', 'POLICY')", name=op.f("ck_batches_origin")
        ),
        sa.CheckConstraint(
            "state IN ('DRY_RUN', 'REFUSED', 'WAITING', 'RUNNING', 'DONE', 'PARTIAL', 'FAILED')",
            name=op.f("ck_batches_state"),
        ),
        sa.CheckConstraint(
            "(state IN ('WAITING', 'RUNNING')) = (ended_at IS NULL)", name=op.f("ck_batches_ended")
        ),
        sa.CheckConstraint(
            "state <> 'REFUSED' OR reason IS NOT NULL", name=op.f("ck_batches_reason")
        ),
        sa.ForeignKeyConstraint(
            ["instruction_id"],
            ["instructions.instruction_id"],
            name=op.f("fk_batches_instruction_id"),
        ),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_batches")),
        sa.UniqueConstraint("client_key", name=op.f("uq_batches_client_key")),
        sa.UniqueConstraint("instruction_id", name=op.f("uq_batches_instruction_id")),
    )
    op.create_index("ix_batches_state", "batches", ["state"])
    op.create_table(
        "batch_plans",
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.batch_id"], name=op.f("fk_batch_plans_batch_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_batch_plans_run_id")),
        sa.PrimaryKeyConstraint("batch_id", "chain_id", name=op.f("pk_batch_plans")),
        sa.UniqueConstraint("run_id", name=op.f("uq_batch_plans_run_id")),
    )


def create_transfers() -> None:
    op.create_table(
        "transfers",
        sa.Column("transfer_id", sa.String(length=66), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("source_chain", sa.BigInteger(), nullable=False),
        sa.Column("source_treasury", sa.String(length=42), nullable=False),
        sa.Column("destination_chain", sa.BigInteger(), nullable=False),
        sa.Column("destination_treasury", sa.String(length=42), nullable=False),
        sa.Column("asset", sa.String(length=32), nullable=False),
        sa.Column("amount", sa.String(length=78), nullable=False),
        sa.Column("min_received", sa.String(length=78), nullable=False),
        sa.Column("route", sa.String(length=32), nullable=False),
        sa.Column("nonce", sa.String(length=78), nullable=False),
        sa.Column("options", sa.Text(), nullable=False),
        sa.Column("native_fee", sa.String(length=78), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.Column("destination_block", sa.BigInteger(), nullable=False),
        sa.Column("part", sa.Text(), nullable=True),
        sa.Column("invest", sa.Text(), nullable=True),
        sa.Column("place", sa.String(length=32), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("wait", sa.Text(), nullable=True),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("proof", sa.Text(), nullable=True),
        sa.Column("arriving", sa.String(length=78), nullable=True),
        sa.Column("received", sa.String(length=78), nullable=True),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("wish", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("moved_at", sa.String(length=32), nullable=False),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("source_chain <> destination_chain", name=op.f("ck_transfers_ends")),
        sa.CheckConstraint("(proof IS NULL) = (arriving IS NULL)", name=op.f("ck_transfers_proof")),
        sa.CheckConstraint(
            "settled_at IS NULL OR place IN ('DONE', 'CALLED_OFF')",
            name=op.f("ck_transfers_settled"),
        ),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.batch_id"], name=op.f("fk_transfers_batch_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_transfers_run_id")),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_transfers")),
        sa.UniqueConstraint("run_id", name=op.f("uq_transfers_run_id")),
    )
    op.create_index("ix_transfers_batch", "transfers", ["batch_id"])
    op.create_index("ix_transfers_settled", "transfers", ["settled_at"])


def create_timeline() -> None:
    op.create_table(
        "transfer_events",
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("transfer_id", sa.String(length=66), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("from_place", sa.String(length=32), nullable=True),
        sa.Column("to_place", sa.String(length=32), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["transfer_id"], ["transfers.transfer_id"], name=op.f("fk_transfer_events_transfer_id")
        ),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_transfer_events")),
    )
    op.create_index("ix_transfer_events_transfer", "transfer_events", ["transfer_id"])


def create_placements() -> None:
    op.create_table(
        "placements",
        sa.Column("placement_id", sa.String(length=66), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("batch_id", sa.String(length=64), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("asset", sa.String(length=32), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("move", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.CheckConstraint("verb IN ('DIVEST', 'INVEST')", name=op.f("ck_placements_verb")),
        sa.ForeignKeyConstraint(
            ["batch_id"], ["batches.batch_id"], name=op.f("fk_placements_batch_id")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_placements_run_id")),
        sa.PrimaryKeyConstraint("placement_id", name=op.f("pk_placements")),
        sa.UniqueConstraint("run_id", name=op.f("uq_placements_run_id")),
    )
    op.create_index("ix_placements_batch", "placements", ["batch_id"])
