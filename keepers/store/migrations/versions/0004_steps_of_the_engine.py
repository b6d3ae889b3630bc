"""What the steps of the engine remember: boxes, blocks of sending, ends of validity, pauses.

A run may end before its transactions are final; a reorganisation then moves its steps again.
"""

# ruff: noqa: S608 - statements are put together from words in this file

from typing import Any

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import POSTGRES, allow, refuse

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

INTENT_COLUMNS = (
    ("gas_cap", "VARCHAR(78)"),
    ("expires_at", "VARCHAR(32)"),
    ("access_list", "TEXT"),
    ("hold", "VARCHAR(16) CONSTRAINT ck_intents_hold CHECK (hold IN ('FUNDS', 'DENIED'))"),
    (
        "wanted",
        "VARCHAR(16) CONSTRAINT ck_intents_wanted CHECK (wanted IN ('BUMP', 'CANCEL', 'STOP'))",
    ),
)
LIVE = "i.state NOT IN ('FINAL', 'REVERTED', 'CANCELLED', 'FAILED')"
UNSETTLED = f"{LIVE} AND i.state NOT IN ('INCLUDED', 'SAFE')"
CLOSED = "NOT EXISTS (SELECT 1 FROM runs u WHERE u.run_id = NEW.run_id AND u.status = 'OPEN')"
ACTIVE = "EXISTS (SELECT 1 FROM run_steps t WHERE t.run_id = NEW.run_id AND t.state = 'ACTIVE')"


def effects(kind: str) -> str:
    """A run has something under way that it cannot end with."""
    return (
        f"NEW.status <> 'OPEN' AND ({ACTIVE} OR EXISTS (SELECT 1 FROM run_steps t"
        f" JOIN intents i ON i.step_id = t.step_id WHERE t.run_id = NEW.run_id AND {kind}))"
    )


AFTER_THE_END = f"{CLOSED} AND OLD.state <> 'ACTIVE' AND NEW.state <> 'ACTIVE'"
"""After its run has ended a step moves because of a reorganisation alone, and comes back."""

FIXED = "slot_id, position, kind, gas_limit, max_fee_per_gas, max_priority_fee_per_gas, stored_at"
FIXED_BEFORE = (
    "slot_id, position, kind, transaction_hash, raw, gas_limit, max_fee_per_gas,"
    " max_priority_fee_per_gas, stored_at"
)
MOVES = (
    "'SIGNED>SEALED', 'SIGNED>REFUSED', 'SEALED>REFUSED', 'SEALED>BROADCAST', 'SIGNED>INCLUDED',"
    " 'REFUSED>INCLUDED', 'SEALED>INCLUDED', 'BROADCAST>INCLUDED', 'SIGNED>REPLACED',"
    " 'SEALED>REPLACED', 'BROADCAST>REPLACED', 'INCLUDED>REFUSED', 'INCLUDED>SIGNED',"
    " 'INCLUDED>SEALED', 'INCLUDED>BROADCAST', 'REPLACED>SIGNED', 'REPLACED>SEALED',"
    " 'REPLACED>BROADCAST', 'INCLUDED>FINAL', 'REPLACED>DROPPED', 'REFUSED>DROPPED'"
)
SLOT = "SELECT 1 FROM nonce_slots s WHERE s.slot_id = NEW.slot_id AND s.state"
SAME_SLOT = "SELECT 1 FROM slot_attempts a WHERE a.slot_id = NEW.slot_id AND"


def below(column: str) -> str:
    """A new amount is below one of `a`: digits compare by length first."""
    return (
        f"(length(NEW.{column}) < length(a.{column}) OR"
        f" length(NEW.{column}) = length(a.{column}) AND NEW.{column} < a.{column})"
    )


def written_again(*columns: str) -> str:
    return " OR ".join(
        f"(OLD.{each} IS NOT NULL AND (NEW.{each} IS NULL OR NEW.{each} <> OLD.{each}))"
        for each in columns
    )


TIMES = ("sealed_at", "refused_at", "broadcast_at")
BOXED = ("transaction_hash", "raw", "seal_digest", "seal_box", "broadcast_block")
PLACE = (
    "OLD.state IN ('SIGNED', 'SEALED', 'BROADCAST', 'REFUSED') AND NEW.state <> 'DROPPED'"
    f" AND NOT EXISTS ({SLOT} = 'IN_USE')"
    f" OR NEW.state = 'FINAL' AND NOT EXISTS ({SLOT} = 'OURS')"
    " OR (OLD.state IN ('INCLUDED', 'REPLACED') OR NEW.state = 'DROPPED')"
    f" AND NOT EXISTS ({SLOT} IN ('OURS', 'FOREIGN'))"
)
OPEN_SLOT = (
    "NOT EXISTS (SELECT 1 FROM nonce_slots s JOIN intents i ON i.intent_id = s.intent_id"
    " WHERE s.slot_id = NEW.slot_id AND s.state IN ('RESERVED', 'IN_USE')"
    " AND i.state IN ('NUMBERED', 'BROADCAST'))"
)
NEXT = "NEW.position <> (SELECT count(*) FROM slot_attempts a WHERE a.slot_id = NEW.slot_id)"
NOTHING_TO_BUMP = (
    f"NEW.kind = 'BUMP' AND NOT EXISTS ({SAME_SLOT} a.kind = 'ORIGINAL' AND a.refused_at IS NULL)"
)
CANCELLED = (
    f"NEW.kind <> 'CANCEL' AND EXISTS ({SAME_SLOT} a.kind = 'CANCEL' AND a.refused_at IS NULL)"
)
LOWER_FEES = (
    f"EXISTS ({SAME_SLOT} a.refused_at IS NULL"
    f" AND ({below('max_fee_per_gas')} OR {below('max_priority_fee_per_gas')}))"
)


def attempt_rules(fixed: str) -> tuple[tuple[str, str, str | None], ...]:
    """The triggers of the table that is made anew, as 0003 made them but for what is fixed."""
    return (
        (
            "move",
            "UPDATE OF state ON slot_attempts",
            f"OLD.state || '>' || NEW.state NOT IN ({MOVES})",
        ),
        ("new", "INSERT ON slot_attempts", "NEW.state NOT IN ('SIGNED')"),
        ("fixed", f"UPDATE OF {fixed} ON slot_attempts", None),
        ("kept", "DELETE ON slot_attempts", None),
        ("slot", "INSERT ON slot_attempts", OPEN_SLOT),
        ("place", "UPDATE OF state ON slot_attempts", PLACE),
        ("position", "INSERT ON slot_attempts", NEXT),
        ("bump", "INSERT ON slot_attempts", NOTHING_TO_BUMP),
        ("cancelled", "INSERT ON slot_attempts", CANCELLED),
        ("fees", "INSERT ON slot_attempts", LOWER_FEES),
        ("times", "UPDATE ON slot_attempts", written_again(*TIMES)),
    )


def upgrade() -> None:
    for name, kind in INTENT_COLUMNS:
        op.execute(f"ALTER TABLE intents ADD COLUMN {name} {kind}")
    refuse("tr_intents_terms", "UPDATE OF gas_cap, expires_at ON intents")
    op.execute("ALTER TABLE run_steps ADD COLUMN outcome TEXT")
    create_pauses()
    replace("tr_runs_effects", "UPDATE OF status ON runs", effects(UNSETTLED))
    replace("tr_run_steps_run", "UPDATE OF state ON run_steps", AFTER_THE_END)
    remake_attempts(FIXED_BEFORE, FIXED, boxed=True)
    refuse("tr_slot_attempts_bytes", "UPDATE ON slot_attempts", written_again(*BOXED))


def downgrade() -> None:
    allow("tr_slot_attempts_bytes", "slot_attempts")
    remake_attempts(FIXED, FIXED_BEFORE, boxed=False)
    replace("tr_run_steps_run", "UPDATE OF state ON run_steps", CLOSED)
    replace("tr_runs_effects", "UPDATE OF status ON runs", effects(LIVE))
    op.drop_table("pauses")
    op.drop_column("run_steps", "outcome")
    allow("tr_intents_terms", "intents")
    for name, _ in reversed(INTENT_COLUMNS):
        op.drop_column("intents", name)


def replace(name: str, change: str, condition: str) -> None:
    """Refuse something else under the same name."""
    allow(name, change.rsplit(maxsplit=1)[-1])
    refuse(name, change, condition)


def remake_attempts(before: str, after: str, *, boxed: bool) -> None:
    """Make the table anew with its rows, as SQLite cannot let a column be empty later."""
    bind = op.get_bind()
    rows = [dict(row) for row in bind.execute(sa.text("SELECT * FROM slot_attempts")).mappings()]
    for name, _, _ in attempt_rules(before):
        allow(f"tr_slot_attempts_{name}", "slot_attempts")
    op.drop_table("slot_attempts")
    create_slot_attempts(boxed=boxed)
    table = sa.Table("slot_attempts", sa.MetaData(), autoload_with=bind)
    for row in rows:
        sent = boxed and row["broadcast_at"] is not None
        kept = {name: value for name, value in row.items() if name in table.c}
        bind.execute(sa.insert(table).values(kept | ({"broadcast_block": 0} if sent else {})))
    if rows and bind.dialect.name == POSTGRES:
        # It counts on from the ids that were written by hand.
        last = max(row["attempt_id"] for row in rows)
        counter = "pg_get_serial_sequence('slot_attempts', 'attempt_id')"
        bind.execute(sa.text(f"SELECT setval({counter}, {last})"))
    for name, change, condition in attempt_rules(after):
        refuse(f"tr_slot_attempts_{name}", change, condition)


def create_pauses() -> None:
    op.create_table(
        "pauses",
        sa.Column("scope", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("paused_by", sa.String(length=128), nullable=False),
        sa.Column("paused_at", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_pauses")),
    )


def box_columns() -> tuple[sa.Column[Any], ...]:
    return (
        sa.Column("seal_digest", sa.String(length=66), nullable=True),
        sa.Column("seal_box", sa.Text(), nullable=True),
        sa.Column("broadcast_block", sa.BigInteger(), nullable=True),
    )


def box_rules() -> tuple[sa.CheckConstraint, ...]:
    return (
        sa.CheckConstraint(
            "(raw IS NULL) = (transaction_hash IS NULL)", name=op.f("ck_slot_attempts_bytes")
        ),
        sa.CheckConstraint(
            "(seal_box IS NULL) = (seal_digest IS NULL)", name=op.f("ck_slot_attempts_box")
        ),
        sa.CheckConstraint(
            (
                "raw IS NOT NULL OR seal_box IS NOT NULL AND sealed_at IS NULL AND block_hash IS"
                " NULL"
            ),
            name=op.f("ck_slot_attempts_opened"),
        ),
        sa.CheckConstraint(
            "(broadcast_at IS NULL) = (broadcast_block IS NULL)",
            name=op.f("ck_slot_attempts_broadcast_block"),
        ),
    )


def create_slot_attempts(*, boxed: bool) -> None:
    """The table, with room for boxes and blocks of sending, or as 0002 made it."""
    op.create_table(
        "slot_attempts",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("slot_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=boxed),
        sa.Column("raw", sa.Text(), nullable=boxed),
        *(box_columns() if boxed else ()),
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
        *(box_rules() if boxed else ()),
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
