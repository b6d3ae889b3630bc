"""Rebalances are sent by the transaction engine: what was sent before it moves to its tables."""

# ruff: noqa: S608 - statements are put together from words in this file

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from typing import Any

import sqlalchemy as sa
from alembic import op

from keepers.store.triggers import POSTGRES, allow, refuse

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FILLED = ("run_steps", "intents", "nonce_slots", "slot_attempts")
DETAIL = (
    *("kind", "tier", "asset", "symbol", "priority", "reason", "target", "calldata"),
    *("estimated_slippage_bps", "amount", "amount_in", "quoted_out", "minimum_out"),
)
STEP_STATES = {"SENDING": "ACTIVE"}
STATES = {
    "STORED": ("SEALED", "IN_USE", "SEALED"),
    "BROADCAST": ("BROADCAST", "IN_USE", "BROADCAST"),
    "SUCCEEDED": ("FINAL", "OURS_FINAL", "FINAL"),
    "REVERTED": ("REVERTED", "OURS_FINAL", "FINAL"),
    "LOST": ("FAILED", "FOREIGN_FINAL", "DROPPED"),
}
"""What an attempt of each status is now: its intent, its nonce, and itself.

What was settled is final, as nobody has followed it since.
"""

MOVES = {
    "steps": (
        "OLD.status = 'PENDING' AND NEW.status IN ('SENDING', 'FAILED', 'SKIPPED')"
        " OR OLD.status = 'SENDING' AND NEW.status IN ('DONE', 'FAILED')"
    ),
    "attempts": "OLD.status IN ('STORED', 'BROADCAST') AND NEW.status <> 'STORED'",
}
SIGNED = "chain_id, sender, nonce, transaction_hash, raw"


def upgrade() -> None:
    with without_triggers():
        for step in rows("SELECT * FROM steps ORDER BY step_id"):
            move_step(step)
    allow("tr_attempts_signed", "attempts")
    for table in ("attempts", "steps"):
        allow(f"tr_{table}_move", table)
        op.drop_table(table)


def downgrade() -> None:
    create_steps()
    create_attempts()
    for table, legal in MOVES.items():
        refuse(f"tr_{table}_move", f"UPDATE OF status ON {table}", f"NOT ({legal})")
    refuse("tr_attempts_signed", f"UPDATE OF {SIGNED} ON attempts")


def rows(query: str, **values: object) -> list[dict[str, Any]]:
    found = op.get_bind().execute(sa.text(query), values).mappings()
    return [dict(row) for row in found]


def put(table: str, key: str, values: Mapping[str, object]) -> int:
    """Insert a row; answers its key."""
    names = ", ".join(values)
    marks = ", ".join(f":{name}" for name in values)
    query = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {key}"
    return op.get_bind().execute(sa.text(query), dict(values)).scalar_one()


def move_step(step: Mapping[str, Any]) -> None:
    """A step with all that was sent for it."""
    detail = {name: step[name] for name in DETAIL} | {"depends_on": json.loads(step["depends_on"])}
    tried = rows(
        "SELECT * FROM attempts WHERE step_id = :step_id ORDER BY attempt_id",
        step_id=step["step_id"],
    )
    done = next((each for each in tried if each["status"] == "SUCCEEDED"), None)
    outcome = None if done is None else {name: done[name] for name in ("received", "slippage_bps")}
    state = STEP_STATES.get(step["status"], step["status"])
    ended = state in {"FAILED", "SKIPPED"}
    step_id = put(
        "run_steps",
        "step_id",
        {
            "run_id": step["run_id"],
            "position": step["position"],
            "kind": "ACTION",
            "detail": json.dumps(detail, sort_keys=True, ensure_ascii=False),
            "state": state,
            "reason": (step["error"] or state.lower()) if ended else None,
            "outcome": None if outcome is None else json.dumps(outcome, sort_keys=True),
        },
    )
    for number, attempt in enumerate(tried):
        move_attempt(step, step_id, number, attempt)


def move_attempt(
    step: Mapping[str, Any], step_id: int, number: int, attempt: Mapping[str, Any]
) -> None:
    """An attempt with the intent and the nonce that it stands for."""
    intent_state, slot_state, state = STATES[attempt["status"]]
    sender = attempt["sender"].lower()
    lost, stored_at = state == "DROPPED", attempt["stored_at"]
    if lost and is_held_by_another(attempt):
        slot_state = "VOID"
    seen = slot_state == "FOREIGN_FINAL"
    intent_id = put(
        "intents",
        "intent_id",
        {
            "step_id": step_id,
            "attempt_of_step": number,
            "idempotency_key": f"{step['run_id']}:{step['position']}:{number}",
            "chain_id": attempt["chain_id"],
            "sender": sender,
            "target": step["target"],
            "calldata": step["calldata"],
            "value": "0",
            "state": intent_state,
            "gas_limit": attempt["gas_limit"],
            "reason": attempt["error"] or ("lost" if lost else None),
            "created_at": stored_at,
        },
    )
    slot_id = put(
        "nonce_slots",
        "slot_id",
        {
            "intent_id": intent_id,
            "chain_id": attempt["chain_id"],
            "sender": sender,
            "nonce": attempt["nonce"],
            "state": slot_state,
            "seen_block_number": 0 if seen else None,
            "seen_block_hash": "0x" if seen else None,
            "reserved_at": stored_at,
        },
    )
    put("slot_attempts", "attempt_id", attempt_values(slot_id, state, attempt))


def is_held_by_another(attempt: Mapping[str, Any]) -> bool:
    """Whether a lost attempt's nonce is on record elsewhere: runs of two vaults can have a key.

    Of several that were lost the newest stands for the nonce; a nonce has one slot.
    """
    same = "chain_id = :chain_id AND lower(sender) = lower(:sender) AND nonce = :nonce"
    other = "(status <> 'LOST' OR attempt_id > :attempt_id)"
    which = {name: attempt[name] for name in ("chain_id", "sender", "nonce", "attempt_id")}
    return bool(rows(f"SELECT 1 FROM attempts WHERE {same} AND {other}", **which))


def attempt_values(slot_id: int, state: str, attempt: Mapping[str, Any]) -> dict[str, object]:
    mined = state == "FINAL"
    sent_at = attempt["broadcast_at"] or (attempt["stored_at"] if mined else None)
    kept = ("transaction_hash", "raw", "gas_limit", "max_fee_per_gas", "max_priority_fee_per_gas")
    receipt = ("block_number", "block_hash", "gas_used", "effective_gas_price")
    return {
        "slot_id": slot_id,
        "position": 0,
        "kind": "ORIGINAL",
        **{name: attempt[name] for name in kept},
        "state": state,
        "stored_at": attempt["stored_at"],
        "sealed_at": attempt["stored_at"],
        "broadcast_at": sent_at,
        "broadcast_block": None if sent_at is None else 0,
        **{name: attempt[name] for name in receipt},
        "succeeded": attempt["status"] == "SUCCEEDED" if mined else None,
    }


@contextmanager
def without_triggers() -> Generator[None]:
    """Rows that were legal under older rules are written as they are."""
    bind = op.get_bind()
    if bind.dialect.name == POSTGRES:
        for table in FILLED:
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        for table in FILLED:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        return
    found = rows("SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'")
    ours = [each for each in found if each["tbl_name"] in FILLED]
    for each in ours:
        op.execute(f"DROP TRIGGER {each['name']}")
    yield
    for each in ours:
        bind.exec_driver_sql(each["sql"])


def create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.String(length=64), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("tier", sa.Integer(), nullable=False),
        sa.Column("asset", sa.String(length=64), nullable=False),
        sa.Column("symbol", sa.String(length=64), nullable=False),
        sa.Column("amount", sa.String(length=78), nullable=False),
        sa.Column("amount_in", sa.String(length=78), nullable=False),
        sa.Column("quoted_out", sa.String(length=78), nullable=False),
        sa.Column("minimum_out", sa.String(length=78), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("depends_on", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("calldata", sa.Text(), nullable=False),
        sa.Column("estimated_slippage_bps", sa.String(length=64), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "error IS NULL OR status IN ('FAILED', 'SKIPPED')", name=op.f("ck_steps_error")
        ),
        sa.CheckConstraint(
            "status IN ('PENDING', 'SENDING', 'DONE', 'FAILED', 'SKIPPED')",
            name=op.f("ck_steps_status"),
        ),
        sa.CheckConstraint("tier BETWEEN 0 AND 2", name=op.f("ck_steps_tier")),
        sa.ForeignKeyConstraint(["run_id"], ["runs.run_id"], name=op.f("fk_steps_run_id")),
        sa.PrimaryKeyConstraint("step_id", name=op.f("pk_steps")),
        sa.UniqueConstraint("run_id", "position", name=op.f("uq_steps_run_id_position")),
    )


def create_attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("attempt_id", sa.Integer(), nullable=False),
        sa.Column("step_id", sa.Integer(), nullable=False),
        sa.Column("chain_id", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.String(length=42), nullable=False),
        sa.Column("nonce", sa.BigInteger(), nullable=False),
        sa.Column("transaction_hash", sa.String(length=66), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("gas_limit", sa.String(length=78), nullable=False),
        sa.Column("max_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("max_priority_fee_per_gas", sa.String(length=78), nullable=False),
        sa.Column("stored_at", sa.String(length=32), nullable=False),
        sa.Column("broadcast_at", sa.String(length=32), nullable=True),
        sa.Column("settled_at", sa.String(length=32), nullable=True),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("block_number", sa.BigInteger(), nullable=True),
        sa.Column("block_hash", sa.String(length=66), nullable=True),
        sa.Column("gas_used", sa.String(length=78), nullable=True),
        sa.Column("effective_gas_price", sa.String(length=78), nullable=True),
        sa.Column("received", sa.String(length=78), nullable=True),
        sa.Column("slippage_bps", sa.String(length=64), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(status IN ('STORED', 'BROADCAST')) = (settled_at IS NULL)",
            name=op.f("ck_attempts_settled"),
        ),
        sa.CheckConstraint(
            "(status IN ('SUCCEEDED', 'REVERTED')) = (block_number IS NOT NULL)"
            " AND (block_number IS NULL) = (block_hash IS NULL)"
            " AND (block_number IS NULL) = (gas_used IS NULL)"
            " AND (block_number IS NULL) = (effective_gas_price IS NULL)",
            name=op.f("ck_attempts_receipt"),
        ),
        sa.CheckConstraint(
            "received IS NULL OR status = 'SUCCEEDED'", name=op.f("ck_attempts_received")
        ),
        sa.CheckConstraint(
            "status <> 'BROADCAST' OR broadcast_at IS NOT NULL", name=op.f("ck_attempts_broadcast")
        ),
        sa.CheckConstraint(
            "status <> 'STORED' OR broadcast_at IS NULL", name=op.f("ck_attempts_stored")
        ),
        sa.CheckConstraint(
            "status IN ('STORED', 'BROADCAST', 'SUCCEEDED', 'REVERTED', 'LOST')",
            name=op.f("ck_attempts_status"),
        ),
        sa.CheckConstraint("nonce >= 0", name=op.f("ck_attempts_nonce")),
        sa.ForeignKeyConstraint(["step_id"], ["steps.step_id"], name=op.f("fk_attempts_step_id")),
        sa.PrimaryKeyConstraint("attempt_id", name=op.f("pk_attempts")),
        sa.UniqueConstraint(
            "chain_id",
            "sender",
            "nonce",
            "transaction_hash",
            name=op.f("uq_attempts_chain_id_sender_nonce_transaction_hash"),
        ),
    )
    op.create_index("ix_attempts_step_id", "attempts", ["step_id"], unique=False)
    op.create_index(
        "uq_attempts_unsettled",
        "attempts",
        ["step_id"],
        unique=True,
        sqlite_where=sa.text("status IN ('STORED', 'BROADCAST')"),
        postgresql_where=sa.text("status IN ('STORED', 'BROADCAST')"),
    )
