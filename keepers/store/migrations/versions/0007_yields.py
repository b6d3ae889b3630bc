"""What shares of funds were worth, so that a move can be compared with what it earns."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "yield_samples",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("vault", sa.String(length=128), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("asset", sa.String(length=42), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.String(length=32), nullable=False),
        sa.Column("assets", sa.String(length=78), nullable=False),
        sa.Column("shares", sa.String(length=78), nullable=False),
        sa.CheckConstraint("assets <> '0' AND shares <> '0'", name=op.f("ck_yield_samples_worth")),
        sa.PrimaryKeyConstraint("sample_id", name=op.f("pk_yield_samples")),
    )
    op.create_index("ix_yield_samples_vault", "yield_samples", ["vault", "chain_id", "at"])


def downgrade() -> None:
    op.drop_table("yield_samples")
