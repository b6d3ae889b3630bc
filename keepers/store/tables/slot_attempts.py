"""Attempts at a nonce: signed bytes that never change, and what became of them."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from keepers.model.transactions.states import AttemptKind, AttemptState
from keepers.store.tables.base import metadata, states, unique_where
from keepers.store.types import UInt256, UtcTime

MINED = "state IN ('INCLUDED', 'FINAL')"
TIP_ABOVE_FEE = (
    "length(max_priority_fee_per_gas) > length(max_fee_per_gas)"
    " OR length(max_priority_fee_per_gas) = length(max_fee_per_gas)"
    " AND max_priority_fee_per_gas > max_fee_per_gas"
)
"""Amounts are decimal digits: the longer is the larger, and of the same length the later."""

slot_attempts = Table(
    "slot_attempts",
    metadata,
    Column("attempt_id", Integer, primary_key=True),
    Column("slot_id", Integer, ForeignKey("nonce_slots.slot_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(16), nullable=False),
    Column("transaction_hash", String(66)),
    Column("raw", Text),
    Column("seal_digest", String(66)),
    Column("seal_box", Text),
    Column("gas_limit", UInt256, nullable=False),
    Column("max_fee_per_gas", UInt256, nullable=False),
    Column("max_priority_fee_per_gas", UInt256, nullable=False),
    Column("state", String(16), nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("refused_at", UtcTime),
    Column("sealed_at", UtcTime),
    Column("broadcast_at", UtcTime),
    Column("broadcast_block", BigInteger),
    Column("block_number", BigInteger),
    Column("block_hash", String(66)),
    Column("succeeded", Boolean),
    Column("gas_used", UInt256),
    Column("effective_gas_price", UInt256),
    UniqueConstraint("transaction_hash"),
    UniqueConstraint("slot_id", "position"),
    states("state", AttemptState),
    states("kind", AttemptKind),
    CheckConstraint("position >= 0", name="position"),
    CheckConstraint("kind <> 'BUMP' OR position > 0", name="bump"),
    CheckConstraint(f"NOT ({TIP_ABOVE_FEE})", name="tip"),
    CheckConstraint(
        "state <> 'SIGNED' OR sealed_at IS NULL AND broadcast_at IS NULL AND refused_at IS NULL",
        name="signed",
    ),
    CheckConstraint("state <> 'REFUSED' OR refused_at IS NOT NULL", name="refused"),
    CheckConstraint(
        "state <> 'SEALED' OR sealed_at IS NOT NULL AND broadcast_at IS NULL", name="sealed"
    ),
    CheckConstraint("state <> 'BROADCAST' OR broadcast_at IS NOT NULL", name="broadcast"),
    # What is in a box is known once the validator has opened it, and nothing of it is sent before.
    CheckConstraint("(raw IS NULL) = (transaction_hash IS NULL)", name="bytes"),
    CheckConstraint("(seal_box IS NULL) = (seal_digest IS NULL)", name="box"),
    CheckConstraint(
        "raw IS NOT NULL OR seal_box IS NOT NULL AND sealed_at IS NULL AND block_hash IS NULL",
        name="opened",
    ),
    CheckConstraint("(broadcast_at IS NULL) = (broadcast_block IS NULL)", name="broadcast_block"),
    # What nobody sealed does not leave, and what was refused is not sent.
    CheckConstraint("broadcast_at IS NULL OR sealed_at IS NOT NULL", name="left_sealed"),
    CheckConstraint("broadcast_at IS NULL OR refused_at IS NULL", name="left_refused"),
    CheckConstraint(
        f"({MINED}) = (block_hash IS NOT NULL)"
        " AND (block_hash IS NULL) = (block_number IS NULL)"
        " AND (block_hash IS NULL) = (succeeded IS NULL)"
        " AND (block_hash IS NULL) = (gas_used IS NULL)"
        " AND (block_hash IS NULL) = (effective_gas_price IS NULL)",
        name="receipt",
    ),
    unique_where("uq_slot_attempts_mined", ["slot_id"], MINED),
    unique_where("uq_slot_attempts_unsent", ["slot_id"], "state IN ('SIGNED', 'SEALED')"),
    unique_where(
        "uq_slot_attempts_original", ["slot_id"], "kind = 'ORIGINAL' AND refused_at IS NULL"
    ),
)
