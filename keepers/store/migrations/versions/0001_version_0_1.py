"""All tables and rules of the first version.

Until a version is released its databases need not survive, so that this migration makes the tables
and rules of the code. A release freezes both: from then on every change is a migration of its own.
"""

from alembic import op

from keepers.store.rules import create_schema

revision = "0001_version_0_1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_schema(op.get_bind())
