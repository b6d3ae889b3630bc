"""Records of intents, attempts and leases. Fees and values in wei."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from keepers.model.chain import AccessList, ContractCall, Fees
from keepers.model.json_document import JsonObject
from keepers.model.transaction_states import (
    ENDED_INTENTS,
    LIVE_SLOTS,
    AttemptKind,
    AttemptState,
    Hold,
    IntentState,
    RequestedAction,
    SlotState,
    StepState,
)


@dataclass(frozen=True, slots=True)
class EncryptedPayload:
    """Signed transaction encrypted for the validator, and the digest of its declared content."""

    digest: bytes
    ciphertext: bytes


def sender_scope(chain_id: int, sender: str) -> str:
    """The lease that writing about a sender on a chain needs."""
    return f"sender:{chain_id}:{sender.lower()}"


def account_scope(account: str) -> str:
    """The lease that writing about an account off-chain needs."""
    return f"account:{account}"


EVERYTHING = "everything"
"""The scope of a pause of all senders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Pause of a sender, with its reason and its author: a person or the engine."""

    scope: str
    reason: str
    paused_by: str
    paused_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseGrant:
    """A lease as it was granted; the epoch is what fences later holders from earlier ones."""

    scope: str
    holder: str
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntent:
    """A call to be made at most once; the key is refused for any other call.

    Attributes:
        gas_cap: The most gas that it may be given; None for as much as the sender's policy allows.
        expires_at: When it must not be sent for the first time any more, and is cancelled if it
            still waits.
    """

    step_id: int
    idempotency_key: str
    chain_id: int
    sender: str
    target: str
    calldata: str
    value: int
    gas_cap: int | None = None
    expires_at: datetime | None = None

    @property
    def call(self) -> ContractCall:
        """Return target and data."""
        return ContractCall(self.target, self.calldata)


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBytes:
    """A signed transaction, stored before a byte of it leaves.

    Encrypted until the validator has opened it: then neither its hash nor its bytes are known yet.
    """

    kind: AttemptKind
    transaction_hash: str | None
    raw: str | None
    gas_limit: int
    max_fee_per_gas: int
    max_priority_fee_per_gas: int
    sealed: EncryptedPayload | None = None

    @property
    def fees(self) -> Fees:
        """Return the fees for a unit of gas."""
        return Fees(self.max_fee_per_gas, self.max_priority_fee_per_gas)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inclusion:
    """Receipt of an attempt and its block; a block is known by its hash."""

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
    """An attempt for a nonce; times are the database's."""

    attempt_id: int
    position: int
    signed: SignedBytes
    state: AttemptState
    inclusion: Inclusion | None
    stored_at: datetime
    sealed_at: datetime | None = None
    refused_at: datetime | None = None
    broadcast_at: datetime | None = None
    broadcast_block: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NonceSlot:
    """A nonce as the database holds it, its attempts in the order of their making."""

    slot_id: int
    intent_id: int | None
    chain_id: int
    sender: str
    nonce: int
    state: SlotState
    attempts: tuple[SlotAttempt, ...]
    seen_block_number: int | None = None
    seen_block_hash: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntentRecord:
    """An intent as the database holds it, its slots in the order of their making."""

    intent_id: int
    intent: NewIntent
    attempt_of_step: int
    state: IntentState
    gas_limit: int | None
    reason: str | None
    slots: tuple[NonceSlot, ...]
    access_list: AccessList = ()
    hold: Hold | None = None
    wanted: RequestedAction | None = None
    run_id: str | None = None

    @property
    def has_ended(self) -> bool:
        """Return whether nothing can change it any more."""
        return self.state in ENDED_INTENTS

    @property
    def is_included(self) -> bool:
        """Return whether it is in a block, as far as is known, final or not."""
        return self.inclusion is not None

    @property
    def inclusion(self) -> Inclusion | None:
        """Return its inclusion in a block."""
        found = [each.inclusion for slot in self.slots for each in slot.attempts]
        return next((each for each in found if each is not None), None)

    @property
    def is_signed(self) -> bool:
        """Return whether anything was ever signed for it."""
        return any(slot.attempts for slot in self.slots)

    @property
    def live_slot(self) -> NonceSlot | None:
        """The nonce that it holds, if it does."""
        return next((slot for slot in self.slots if slot.state in LIVE_SLOTS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVerdict:
    """Meaning of a receipt for the step that asked for the transaction.

    Attributes:
        done: Whether the step is done; otherwise it has failed.
        reason: Why it has failed.
        outcome: What else the step's owner wants to remember.
    """

    done: bool
    reason: str | None = None
    outcome: JsonObject = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """A step as the interpreter of its receipt needs it."""

    step_id: int
    run_id: str
    position: int
    kind: str
    detail: JsonObject
    state: StepState
    reason: str | None
    outcome: JsonObject | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """An effect off-chain to be asked for at most once per account and key."""

    step_id: int
    account: str
    client_key: str
    body: str
