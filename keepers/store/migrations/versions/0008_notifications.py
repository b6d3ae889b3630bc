"""Messages to people wait in the database until they are sent."""

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import allow, refuse

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

OPEN = "over_at IS NULL"
FIXED = ("key", "kind", "severity", "title", "text", "created_at", "since")


def upgrade() -> None:
    op.create_table(
        "notifications",
        sa.Column("notification_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=256), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("severity", sa.String(length=16), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(length=32), nullable=False),
        sa.Column("since", sa.String(length=32), nullable=False),
        sa.Column("told_at", sa.String(length=32), nullable=False),
        sa.Column("over_at", sa.String(length=32), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("delivered", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("next_try_at", sa.String(length=32), nullable=True),
        sa.Column("sent_at", sa.String(length=32), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        *rules(),
        sa.PrimaryKeyConstraint("notification_id", name=op.f("pk_notifications")),
    )
    op.create_index(
        "uq_notifications_open",
        "notifications",
        ["key"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("ix_notifications_state", "notifications", ["state", "notification_id"])
    op.create_index("ix_notifications_key", "notifications", ["key", "since"])
    ended = "OLD.state <> 'QUEUED' AND NEW.state <> OLD.state"
    refuse("tr_notifications_move", "UPDATE OF state ON notifications", ended)
    changed = "OLD.over_at IS NOT NULL AND (NEW.over_at IS NULL OR NEW.over_at <> OLD.over_at)"
    refuse("tr_notifications_over", "UPDATE OF over_at ON notifications", changed)
    refuse("tr_notifications_fixed", f"UPDATE OF {', '.join(FIXED)} ON notifications")


def downgrade() -> None:
    for name in ("fixed", "over", "move"):
        allow(f"tr_notifications_{name}", "notifications")
    op.drop_table("notifications")


def rules() -> tuple[sa.CheckConstraint, ...]:
    conditions = {
        "kind": "kind IN ('REPORT', 'REMINDER', 'RECOVERY')",
        "severity": "severity IN ('INFO', 'WARNING', 'CRITICAL')",
        "state": "state IN ('QUEUED', 'SENT', 'SKIPPED', 'FAILED')",
        "tries": "tries >= 0",
        "queued": "(state = 'QUEUED') = (next_try_at IS NOT NULL)",
        "sent": "(state = 'SENT') = (sent_at IS NOT NULL)",
        "failed": "state <> 'FAILED' OR last_error IS NOT NULL",
        "open": "kind = 'REPORT' OR over_at IS NOT NULL",
    }
    return tuple(
        sa.CheckConstraint(condition, name=op.f(f"ck_notifications_{name}"))
        for name, condition in conditions.items()
    )
