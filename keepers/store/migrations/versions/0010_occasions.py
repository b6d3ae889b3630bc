"""For which tick a run is made, and what it handles if it is neither refused nor fails."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("tick_id", sa.Integer))
    op.add_column("runs", sa.Column("handles", sa.Text))


def downgrade() -> None:
    op.drop_column("runs", "handles")
    op.drop_column("runs", "tick_id")
