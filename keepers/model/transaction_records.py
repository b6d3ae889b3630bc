"""Records of intents, attempts and leases. Fees and values in wei."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
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
    """Return the lease scope required to write records of a sender on a chain."""
    return f"sender:{chain_id}:{sender.lower()}"


def account_scope(account: str) -> str:
    """Return the lease scope required to write records of an off-chain account."""
    return f"account:{account}"


EVERYTHING = "everything"
"""Scope of a pause of all senders."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Pause of a sender, with its reason and author (an operator or the engine)."""

    scope: str
    reason: str
    paused_by: str
    paused_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaseGrant:
    """Granted lease; the epoch fences off earlier holders."""

    scope: str
    holder: str
    epoch: int
    expires_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCall:
    """Call to execute at most once; the key cannot be reused for another call.

    Attributes:
        gas_cap: Maximum gas limit; None for the block gas limit.
        expires_at: Time after which it must not be submitted for the first time; a waiting intent
            is then cancelled.
    """

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

    def of_step(self, step_id: int) -> NewIntent:
        """Return the call as that of a step."""
        values = {each.name: getattr(self, each.name) for each in fields(NewCall)}
        return NewIntent(step_id=step_id, **values)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewIntent(NewCall):
    """Call of a step."""

    step_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPlanStep:
    """Step to create whose call executes several other steps of its run.

    Attributes:
        run_id: The run.
        detail: Further details, for the interpreter of its receipt.
        carried: Ids of the steps that it executes. They are settled with it.
    """

    run_id: str
    detail: JsonObject
    carried: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedBytes:
    """Signed transaction, stored before it is submitted.

    Encrypted until the validator has decrypted it; until then hash and bytes are unknown.
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
        """Return the fees per unit of gas."""
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
    """Block at which a sender's nonce is consumed by an external transaction."""

    chain_id: int
    sender: str
    nonce: int
    block_number: int
    block_hash: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotAttempt:
    """Attempt of a nonce slot; times are database times."""

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
    """Stored nonce slot; attempts in order of creation."""

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
    """Stored intent; nonce slots in order of creation."""

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
        """Return whether it is in a terminal state."""
        return self.state in ENDED_INTENTS

    @property
    def is_included(self) -> bool:
        """Return whether it is known to be in a block, final or not."""
        return self.inclusion is not None

    @property
    def inclusion(self) -> Inclusion | None:
        """Return its inclusion in a block."""
        found = [each.inclusion for slot in self.slots for each in slot.attempts]
        return next((each for each in found if each is not None), None)

    @property
    def is_signed(self) -> bool:
        """Return whether any attempt was ever signed."""
        return any(slot.attempts for slot in self.slots)

    @property
    def live_slot(self) -> NonceSlot | None:
        """Return its live nonce slot, if any."""
        return next((slot for slot in self.slots if slot.state in LIVE_SLOTS), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptVerdict:
    """Result of a receipt for the step that requested the transaction.

    Attributes:
        done: Whether the step is done; false if it has failed.
        reason: Reason of the failure.
        outcome: Further details that the step's owner stores.
        carried: Results of the steps that the step executed, by step id.
    """

    done: bool
    reason: str | None = None
    outcome: JsonObject = field(default_factory=dict[str, Any])
    carried: Mapping[int, ReceiptVerdict] = field(default_factory=dict[int, "ReceiptVerdict"])


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """Fields of a step that the interpreter of its receipt needs.

    `carried` are the steps that its call executes, in order.
    """

    step_id: int
    run_id: str
    position: int
    kind: str
    detail: JsonObject
    state: StepState
    reason: str | None
    outcome: JsonObject | None
    carried: tuple[StepView, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """Off-chain effect to request at most once per account and key."""

    step_id: int
    account: str
    client_key: str
    body: str
