"""Intents, nonce slots, signed attempts, and requests off-chain."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from keepers.model.chain import AccessList
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    LIVE_REQUESTS,
    LIVE_SLOTS,
    AttemptKind,
    AttemptState,
    Hold,
    IntentState,
    RequestedAction,
    RequestState,
    SlotState,
)
from keepers.store.tables.base import metadata, one_of, states, unique_where
from keepers.store.tables.types import HexBytes, JsonOf, UInt256, UtcTime, member_of

UNBUILT = "state IN ('QUEUED', 'BLOCKED', 'FAILED', 'CANCELLED')"

intents = Table(
    "intents",
    metadata,
    Column("intent_id", Integer, primary_key=True),
    Column("step_id", Integer, ForeignKey("run_steps.step_id"), nullable=False),
    Column("attempt_of_step", Integer, nullable=False),
    Column("idempotency_key", String(128), nullable=False),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("target", String(42), nullable=False),
    Column("calldata", Text, nullable=False),
    Column("value", UInt256, nullable=False),
    Column("state", member_of(IntentState), nullable=False),
    Column("gas_limit", UInt256),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    UniqueConstraint("step_id", "attempt_of_step"),
    UniqueConstraint("idempotency_key"),
    states("state", IntentState),
    CheckConstraint("attempt_of_step >= 0", name="attempt_of_step"),
    CheckConstraint("sender = lower(sender)", name="sender"),
    CheckConstraint(f"{UNBUILT} OR gas_limit IS NOT NULL", name="built"),
    CheckConstraint("state NOT IN ('FAILED', 'BLOCKED') OR reason IS NOT NULL", name="reason"),
    Column("gas_cap", UInt256),
    Column("expires_at", UtcTime),
    Column("access_list", JsonOf(AccessList)),
    Column("hold", member_of(Hold), CheckConstraint(one_of("hold", Hold), name="hold")),
    Column(
        "wanted",
        member_of(RequestedAction),
        CheckConstraint(one_of("wanted", RequestedAction), name="wanted"),
    ),
    unique_where("uq_intents_live", ["step_id"], f"NOT ({one_of('state', sorted(ENDED_INTENTS))})"),
    Index("ix_intents_sender", "chain_id", "sender", "state"),
)


FOREIGN = "state IN ('FOREIGN', 'FOREIGN_FINAL')"

nonce_slots = Table(
    "nonce_slots",
    metadata,
    Column("slot_id", Integer, primary_key=True),
    Column("intent_id", Integer, ForeignKey("intents.intent_id")),
    Column("chain_id", BigInteger, nullable=False),
    Column("sender", String(42), nullable=False),
    Column("nonce", BigInteger, nullable=False),
    Column("state", member_of(SlotState), nullable=False),
    Column("seen_block_number", BigInteger),
    Column("seen_block_hash", String(66)),
    Column("reserved_at", UtcTime, nullable=False),
    states("state", SlotState),
    CheckConstraint("nonce >= 0", name="nonce"),
    CheckConstraint("sender = lower(sender)", name="sender"),
    # A nonce used only by external transactions has no intent.
    CheckConstraint(f"intent_id IS NOT NULL OR {FOREIGN} OR state = 'VOID'", name="intent"),
    CheckConstraint(
        f"({FOREIGN}) = (seen_block_hash IS NOT NULL)"
        " AND (seen_block_hash IS NULL) = (seen_block_number IS NULL)",
        name="seen",
    ),
    unique_where("uq_nonce_slots_nonce", ["chain_id", "sender", "nonce"], "state <> 'VOID'"),
    unique_where("uq_nonce_slots_live", ["intent_id"], one_of("state", sorted(LIVE_SLOTS))),
)


MINED = "state IN ('INCLUDED', 'FINAL')"
TIP_ABOVE_FEE = (
    "length(max_priority_fee_per_gas) > length(max_fee_per_gas)"
    " OR length(max_priority_fee_per_gas) = length(max_fee_per_gas)"
    " AND max_priority_fee_per_gas > max_fee_per_gas"
)
"""Amounts are decimal strings: compare length first, then text."""

slot_attempts = Table(
    "slot_attempts",
    metadata,
    Column("attempt_id", Integer, primary_key=True),
    Column("slot_id", Integer, ForeignKey("nonce_slots.slot_id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", member_of(AttemptKind), nullable=False),
    Column("transaction_hash", String(66)),
    Column("raw", Text),
    Column("seal_digest", HexBytes),
    Column("seal_box", HexBytes),
    Column("gas_limit", UInt256, nullable=False),
    Column("max_fee_per_gas", UInt256, nullable=False),
    Column("max_priority_fee_per_gas", UInt256, nullable=False),
    Column("state", member_of(AttemptState), nullable=False),
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
    # Encrypted bytes are unknown until the validator has decrypted them, and not sent before.
    CheckConstraint("(raw IS NULL) = (transaction_hash IS NULL)", name="bytes"),
    CheckConstraint("(seal_box IS NULL) = (seal_digest IS NULL)", name="box"),
    CheckConstraint(
        "raw IS NOT NULL OR seal_box IS NOT NULL AND sealed_at IS NULL AND block_hash IS NULL",
        name="opened",
    ),
    CheckConstraint("(broadcast_at IS NULL) = (broadcast_block IS NULL)", name="broadcast_block"),
    # Only sealed bytes are sent, refused ones never.
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


requests = Table(
    "requests",
    metadata,
    Column("request_id", Integer, primary_key=True),
    Column("step_id", Integer, ForeignKey("run_steps.step_id"), nullable=False),
    Column("account", String(64), nullable=False),
    Column("client_key", String(128), nullable=False),
    Column("body", Text, nullable=False),
    Column("state", member_of(RequestState), nullable=False),
    Column("remote_id", String(128)),
    Column("reason", Text),
    Column("created_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    UniqueConstraint("account", "client_key"),
    states("state", RequestState),
    CheckConstraint("state <> 'QUEUED' OR sent_at IS NULL", name="queued"),
    CheckConstraint(
        "state NOT IN ('SENT', 'ACCEPTED', 'DONE') OR sent_at IS NOT NULL", name="sent"
    ),
    CheckConstraint("state <> 'ACCEPTED' OR remote_id IS NOT NULL", name="accepted"),
    CheckConstraint("state NOT IN ('FAILED', 'CANCELLED') OR reason IS NOT NULL", name="reason"),
    unique_where("uq_requests_live", ["step_id"], one_of("state", sorted(LIVE_REQUESTS))),
)
