"""What is known of intents, attempts and leases. Fees and values in wei."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from keepers.domain.transaction.states import AttemptKind, AttemptState, IntentState, SlotState


def sender_scope(chain_id: int, sender: str) -> str:
    """The lease that writing about a sender on a chain needs."""
    return f"sender:{chain_id}:{sender.lower()}"


def account_scope(account: str) -> str:
    """The lease that writing about an account off-chain needs."""
    return f"account:{account}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseGrant:
    """A lease as it was granted; the epoch is what fences later holders from earlier ones."""

    scope: str
    holder: str
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntent:
    """A call to be made at most once; the key is refused for any other call."""

    step_id: int
    idempotency_key: str
    chain_id: int
    sender: str
    target: str
    calldata: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBytes:
    """A signed transaction, stored before a byte of it leaves."""

    kind: AttemptKind
    transaction_hash: str
    raw: str
    gas_limit: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """What a receipt says, and in which block; a block is known by its hash."""

    block_number: int
    block_hash: str
    succeeded: bool
    gas_used: int
    effective_gas_price: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignUse:
    """At this block a sender's nonce is consumed, and not by an attempt of ours."""

    chain_id: int
    sender: str
    nonce: int
    block_number: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAttempt:
    """An attempt as the ledger holds it."""

    attempt_id: int
    position: int
    signed: SignedBytes
    state: AttemptState
    inclusion: Inclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceSlot:
    """A nonce as the ledger holds it, its attempts in the order of their making."""

    slot_id: int
    intent_id: int | None
    chain_id: int
    sender: str
    nonce: int
    state: SlotState
    attempts: tuple[SlotAttempt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """An intent as the ledger holds it, its slots in the order of their making."""

    intent_id: int
    intent: NewIntent
    attempt_of_step: int
    state: IntentState
    gas_limit: int | None
    reason: str | None
    slots: tuple[NonceSlot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """An effect off-chain to be asked for at most once per account and key."""

    step_id: int
    account: str
    client_key: str
    body: str
