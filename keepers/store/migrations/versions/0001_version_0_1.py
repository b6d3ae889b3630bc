"""All tables and rules of the first version.

Databases of unreleased versions need no migration path, so this migration creates the tables and
rules from the code. A release freezes both; every later change is a separate migration.
"""

from alembic import op

from keepers.store.rules import create_schema

revision = "0001_version_0_1"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_schema(op.get_bind())
