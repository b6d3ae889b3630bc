"""Nonce slots: nonces of senders, who holds them, and who consumed them."""

from sqlalchemy import BigInteger, CheckConstraint, Column, ForeignKey, Integer, String, Table

from keepers.model.transactions.states import LIVE_SLOTS, SlotState
from keepers.store.tables.base import metadata, one_of, states, unique_where
from keepers.store.types import UtcTime

FOREIGN = "state IN ('FOREIGN', 'FOREIGN_FINAL')"

nonce_slots = Table(
    "nonce_slots",
    metadata,
    Column("slot_id", Integer, primary_key=True),
    Column("intent_id", Integer, ForeignKey("intents.intent_id")),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("seen_block_number", BigInteger),
    Column("seen_block_hash", String(66)),
    Column("reserved_at", UtcTime, nullable=False),
    states("state", SlotState),
    CheckConstraint("nonce >= 0", name="nonce"),
    CheckConstraint("sender = lower(sender)", name="sender"),
    # Nobody asked for a nonce that only strangers used.
    CheckConstraint(f"intent_id IS NOT NULL OR {FOREIGN} OR state = 'VOID'", name="intent"),
    CheckConstraint(
        f"({FOREIGN}) = (seen_block_hash IS NOT NULL)"
        " AND (seen_block_hash IS NULL) = (seen_block_number IS NULL)",
        name="seen",
    ),
    unique_where("uq_nonce_slots_nonce", ["chain_id", "sender", "nonce"], "state <> 'VOID'"),
    unique_where("uq_nonce_slots_live", ["intent_id"], one_of("state", sorted(LIVE_SLOTS))),
)
