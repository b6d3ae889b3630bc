"""Since when only a fallback could bring a chain what it lacks of an asset."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "fallback_waits",
        sa.Column("asset", sa.String(length=32), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("instruction_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint(
            "asset", "chain_id", "instruction_id", name=op.f("pk_fallback_waits")
        ),
    )


def downgrade() -> None:
    op.drop_table("fallback_waits")
