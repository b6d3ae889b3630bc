"""Details of a transaction for operators: attempts, history, and its status as text."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from keepers.model.json_document import JsonObject
from keepers.model.transaction_records import (
    EVERYTHING,
    IntentRecord,
    Pause,
    SlotAttempt,
    StepView,
    sender_scope,
)
from keepers.model.transaction_states import (
    EntityType,
    Hold,
    IntentState,
    RequestedAction,
    Transition,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryEntry:
    """Stored event; it has no states if it is not a transition."""

    at: datetime
    entity: str
    key: str
    cause: str
    from_state: str | None
    to_state: str | None
    detail: JsonObject


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionDetails:
    """Transaction at one moment.

    Attributes:
        vault: Vault of its run; for a repair, the sender.
        pauses: Pauses that stop its sender.
        now: Database time.
    """

    record: IntentRecord
    step: StepView
    vault: str
    created_at: datetime
    pauses: tuple[Pause, ...]
    now: datetime

    @property
    def age(self) -> timedelta:
        """Return the time since it was requested."""
        return self.now - self.created_at

    @property
    def nonce(self) -> int | None:
        """Return its current nonce, else its last one."""
        slot = self.record.live_slot
        if slot is None and self.record.slots:
            slot = self.record.slots[-1]
        return None if slot is None else slot.nonce

    @property
    def attempts(self) -> tuple[SlotAttempt, ...]:
        """Return all signed attempts, for all of its nonces."""
        return tuple(each for slot in self.record.slots for each in slot.attempts)

    @property
    def decisive(self) -> SlotAttempt | None:
        """Return the included attempt, else the newest one."""
        mined = [each for each in self.attempts if each.inclusion is not None]
        return (mined or list(self.attempts) or [None])[-1]

    @property
    def fee_paid(self) -> int | None:
        """Return the paid fee in wei, once it is in a block."""
        seen = self.record.inclusion
        return None if seen is None else seen.gas_used * seen.effective_gas_price

    @property
    def fee_offered(self) -> int | None:
        """Return the maximum fee of its newest attempt in wei; None while nothing is signed."""
        newest = self.decisive
        if newest is None:
            return None
        return newest.signed.gas_limit * newest.signed.max_fee_per_gas


def stops(pause: Pause, chain_id: int, sender: str) -> bool:
    """Return whether a pause stops a sender."""
    return pause.scope in {EVERYTHING, sender_scope(chain_id, sender)}


STATES: Mapping[IntentState, str] = MappingProxyType(
    {
        IntentState.QUEUED: "requested",
        IntentState.BUILT: "built",
        IntentState.AUDITED: "audited",
        IntentState.BLOCKED: "on hold",
        IntentState.NUMBERED: "has a nonce",
        IntentState.SIGNED: "signed and stored",
        IntentState.SEALED: "validated, not sent",
        IntentState.BROADCAST: "sent, not in a block yet",
        IntentState.INCLUDED: "in a block",
        IntentState.SAFE: "in a safe block",
        IntentState.DISPLACED: "its nonce was used by an external transaction",
        IntentState.FINAL: "succeeded, final",
        IntentState.REVERTED: "reverted, final",
        IntentState.CANCELLED: "cancelled",
        IntentState.FAILED: "never sent",
    }
)

REQUESTS: Mapping[RequestedAction, str] = MappingProxyType(
    {
        RequestedAction.BUMP: "a higher fee is requested",
        RequestedAction.CANCEL: "its cancellation is requested",
        RequestedAction.STOP: "an end of signing is requested",
    }
)

HOLDS: Mapping[Hold, str] = MappingProxyType(
    {Hold.FUNDS: "native token for gas", Hold.DENIED: "an operator: the signer denied it"}
)

WAITS: Mapping[IntentState, str] = MappingProxyType(
    {
        IntentState.QUEUED: "an armed keeper",
        IntentState.BUILT: "an armed keeper",
        IntentState.AUDITED: "an armed keeper",
        IntentState.BLOCKED: "an operator",
        IntentState.NUMBERED: "the signer",
        IntentState.SIGNED: "the validator",
        IntentState.SEALED: "a node that accepts it",
        IntentState.BROADCAST: "a block",
        IntentState.INCLUDED: "a safe block",
        IntentState.SAFE: "finality",
        IntentState.DISPLACED: "finality of the external transaction",
    }
)

NEXT: Mapping[IntentState, str] = MappingProxyType(
    {
        IntentState.QUEUED: (
            "An armed keeper estimates, simulates and audits it, and assigns a nonce."
        ),
        IntentState.BUILT: "An armed keeper simulates and audits it again.",
        IntentState.AUDITED: "An armed keeper assigns the lowest free nonce.",
        IntentState.BLOCKED: "Nothing, until an operator requests a retry.",
        IntentState.NUMBERED: "An armed keeper audits it again and has it signed.",
        IntentState.SIGNED: "An armed keeper has the stored bytes validated.",
        IntentState.SEALED: "An armed keeper sends the stored bytes to every node.",
        IntentState.BROADCAST: (
            "The keeper checks for its receipt; an armed keeper sends it again if nodes lose it, "
            "and raises the fee if it stays pending."
        ),
        IntentState.INCLUDED: "The keeper follows its block until it is safe, then final.",
        IntentState.SAFE: "The keeper follows its block until it is final.",
        IntentState.DISPLACED: (
            "Once the external transaction is final, it starts again with a new nonce."
        ),
        IntentState.FINAL: "Nothing: it has ended.",
        IntentState.REVERTED: "Nothing: it has ended.",
        IntentState.CANCELLED: "Nothing: it has ended.",
        IntentState.FAILED: "Nothing: it has ended.",
    }
)

LANDED = frozenset({IntentState.INCLUDED, IntentState.SAFE, IntentState.DISPLACED})
"""States that only the chain changes; pauses and requests have no effect."""


def waits_for(overview: TransactionDetails) -> str:
    """Describe what a transaction waits for; empty in a terminal state."""
    record = overview.record
    if record.has_ended:
        return ""
    if record.state in LANDED:
        return WAITS[record.state]
    if overview.pauses:
        return f"`ballast resume`: {overview.pauses[0].reason}"
    if record.hold is not None:
        return HOLDS[record.hold]
    if record.wanted is not None:
        return f"an armed keeper: {REQUESTS[record.wanted]}"
    return WAITS[record.state]


def comes_next(overview: TransactionDetails) -> str:
    """Describe the engine's next step with a transaction, in one sentence."""
    record = overview.record
    if record.has_ended or record.state in LANDED:
        return NEXT[record.state]
    if overview.pauses:
        pause = overview.pauses[0]
        return (
            f"The keeper only checks for its receipt: {pause.scope} is paused by "
            f"{pause.paused_by} ({pause.reason})."
        )
    if record.hold is Hold.FUNDS:
        return "An armed keeper retries it once the sender's balance has changed."
    if record.hold is Hold.DENIED:
        return f"Nothing, until an operator runs `ballast txs retry {record.intent_id}`."
    return _requested(overview) or NEXT[record.state]


def reorganisation_of(overview: TransactionDetails, happened: Iterable[HistoryEntry]) -> str | None:
    """Describe the effect of a reorganisation on a transaction; None if there was none."""
    met = any(
        each.entity == EntityType.INTENT and each.cause == Transition.REORG for each in happened
    )
    if not met:
        return None
    seen = overview.record.inclusion
    if seen is None:
        return (
            "A reorganisation removed its block; the same signed bytes stay in use, with the "
            "same nonce."
        )
    if seen.succeeded:
        return "A reorganisation removed its block; it is now included in another block."
    return (
        "A reorganisation removed its block. It was included again in another block and "
        "reverted, because an earlier action that it depends on was missing there. It cost gas "
        "and changed nothing. What still has to be done is planned again."
    )


def _requested(overview: TransactionDetails) -> str | None:
    record = overview.record
    match record.wanted:
        case RequestedAction.CANCEL if record.is_signed:
            return (
                "An armed keeper sends an empty transaction with its nonce and a higher fee; "
                "this may be too late."
            )
        case RequestedAction.CANCEL | RequestedAction.STOP if not record.is_signed:
            return "An armed keeper cancels it; nothing is signed for it yet."
        case RequestedAction.BUMP if record.is_signed:
            return "An armed keeper signs it again with a higher fee, within its limits."
        case _:
            return None
