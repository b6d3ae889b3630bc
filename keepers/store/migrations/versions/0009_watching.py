"""What watchers know: blocks that were read, deposits that were found, levels of assets."""

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import allow, refuse

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

FIXED = "vault, chain_id, block_number, block_hash, log_index, amount, found_at"
HANDLED_AGAIN = "OLD.run_id IS NOT NULL AND (NEW.run_id IS NULL OR NEW.run_id <> OLD.run_id)"
"""A deposit is handled once, by one run."""


def upgrade() -> None:
    create_watched_blocks()
    create_happenings()
    create_levels()
    refuse("tr_happenings_fixed", f"UPDATE OF {FIXED} ON happenings")
    refuse("tr_happenings_handled", "UPDATE OF run_id ON happenings", HANDLED_AGAIN)
    refuse("tr_happenings_delete", "DELETE ON happenings")


def downgrade() -> None:
    for trigger in ("tr_happenings_delete", "tr_happenings_handled", "tr_happenings_fixed"):
        allow(trigger, "happenings")
    op.drop_table("levels")
    op.drop_index("ix_happenings_vault", table_name="happenings")
    op.drop_table("happenings")
    op.drop_table("watched_blocks")


def create_watched_blocks() -> None:
    op.create_table(
        "watched_blocks",
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("read_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "vault", "chain_id", "block_number", name=op.f("pk_watched_blocks")
        ),
    )


def create_happenings() -> None:
    op.create_table(
        "happenings",
        sa.Column("happening_id", sa.Integer(), nullable=False),
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("block_hash", sa.String(length=66), nullable=False),
        sa.Column("log_index", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.String(length=78), nullable=False),
        sa.Column("found_at", sa.String(length=32), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=32), nullable=True),
        sa.Column("handled_at", sa.String(length=32), nullable=True),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "(handled_at IS NULL) = (run_id IS NULL)", name=op.f("ck_happenings_handled")
        ),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_happenings_run_id")),
        sa.PrimaryKeyConstraint("happening_id", name=op.f("pk_happenings")),
        sa.UniqueConstraint(
            "chain_id",
            "block_hash",
            "log_index",
            name=op.f("uq_happenings_chain_id_block_hash_log_index"),
        ),
    )
    op.create_index("ix_happenings_vault", "happenings", ["vault", "block_number"])


def create_levels() -> None:
    op.create_table(
        "levels",
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("value", sa.String(length=78), nullable=False),
        sa.Column("set_at", sa.String(length=32), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=True),
        sa.CheckConstraint("kind IN ('PRICE', 'WINDOW', 'MATURITY')", name=op.f("ck_levels_kind")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_levels_run_id")),
        sa.PrimaryKeyConstraint("vault", "kind", "asset", name=op.f("pk_levels")),
    )
