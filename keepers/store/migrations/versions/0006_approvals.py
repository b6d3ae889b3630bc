"""Requests for approval with their signatures, and runs that do what an earlier one left."""

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import allow, refuse

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

MOVES = (
    "'WAITING>GRANTED', 'WAITING>REJECTED', 'WAITING>EXPIRED', 'WAITING>VOID',"
    " 'GRANTED>REJECTED', 'GRANTED>EXPIRED', 'GRANTED>VOID'"
)
WAITING = "EXISTS (SELECT 1 FROM tickets t WHERE t.run_id = NEW.run_id AND t.state = 'WAITING')"
RULES = (
    (
        "tr_tickets_move",
        "tickets",
        "UPDATE OF state ON tickets",
        f"(OLD.state || '>' || NEW.state) NOT IN ({MOVES})",
    ),
    (
        "tr_tickets_fixed",
        "tickets",
        "UPDATE OF run_id, plan, plan_hash, required, asked_at, deadline ON tickets",
        None,
    ),
    ("tr_tickets_kept", "tickets", "DELETE ON tickets", None),
    ("tr_approvals_late", "approvals", "INSERT ON approvals", f"NOT {WAITING}"),
    ("tr_approvals_fixed", "approvals", "UPDATE ON approvals", None),
    ("tr_approvals_kept", "approvals", "DELETE ON approvals", None),
)


def upgrade() -> None:
    op.add_column("runs", sa.Column("follows", sa.String(64)))
    op.create_table(
        "tickets",
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("plan_hash", sa.String(66), nullable=False),
        sa.Column("required", sa.Integer, nullable=False),
        sa.Column("asked_at", sa.String(32), nullable=False),
        sa.Column("deadline", sa.String(32), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("decided_by", sa.String(128)),
        sa.Column("decided_at", sa.String(32)),
        sa.Column("reminders", sa.BigInteger, nullable=False),
        sa.PrimaryKeyConstraint("run_id", name="pk_tickets"),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name="fk_tickets_run_id"),
        sa.UniqueConstraint("plan_hash", name="uq_tickets_plan_hash"),
        sa.CheckConstraint(
            "state IN ('WAITING', 'GRANTED', 'REJECTED', 'EXPIRED', 'VOID')",
            name="state",
        ),
        sa.CheckConstraint("required > 0", name="required"),
        sa.CheckConstraint("reminders >= 0", name="reminders"),
        sa.CheckConstraint("deadline > asked_at", name="deadline"),
        sa.CheckConstraint(
            "(state IN ('REJECTED', 'EXPIRED', 'VOID')) = (reason IS NOT NULL)",
            name="reason",
        ),
        sa.CheckConstraint("(state = 'REJECTED') = (decided_by IS NOT NULL)", name="decided_by"),
        sa.CheckConstraint("(state = 'WAITING') = (decided_at IS NULL)", name="decided_at"),
    )
    op.create_table(
        "approvals",
        sa.Column("run_id", sa.String(64), nullable=False),
        sa.Column("signer", sa.String(42), nullable=False),
        sa.Column("owner", sa.String(42), nullable=False),
        sa.Column("signature", sa.Text, nullable=False),
        sa.Column("given_at", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("run_id", "signer", "owner", name="pk_approvals"),
        sa.ForeignKeyConstraint(["run_id"], ["tickets.run_id"], name="fk_approvals_run_id"),
    )
    for name, _, change, condition in RULES:
        refuse(name, change, condition)


def downgrade() -> None:
    for name, table, _, _ in reversed(RULES):
        allow(name, table)
    op.drop_table("approvals")
    op.drop_table("tickets")
    op.drop_column("runs", "follows")
