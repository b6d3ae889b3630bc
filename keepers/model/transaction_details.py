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
        IntentState.QUEUED: "asked for",
        IntentState.BUILT: "built",
        IntentState.AUDITED: "audited",
        IntentState.BLOCKED: "held back",
        IntentState.NUMBERED: "has a nonce",
        IntentState.SIGNED: "signed and stored",
        IntentState.SEALED: "validated, not sent",
        IntentState.BROADCAST: "sent, in no block yet",
        IntentState.INCLUDED: "in a block",
        IntentState.SAFE: "in a safe block",
        IntentState.DISPLACED: "its nonce was used by somebody else",
        IntentState.FINAL: "done, for good",
        IntentState.REVERTED: "reverted, for good",
        IntentState.CANCELLED: "cancelled",
        IntentState.FAILED: "never sent",
    }
)

WISHES: Mapping[RequestedAction, str] = MappingProxyType(
    {
        RequestedAction.BUMP: "a higher fee is asked for",
        RequestedAction.CANCEL: "its cancellation is asked for",
        RequestedAction.STOP: "nothing more is to be signed for it",
    }
)

HOLDS: Mapping[Hold, str] = MappingProxyType(
    {Hold.FUNDS: "coins for gas", Hold.DENIED: "a person: the signer denied it"}
)

WAITS: Mapping[IntentState, str] = MappingProxyType(
    {
        IntentState.QUEUED: "an armed keeper",
        IntentState.BUILT: "an armed keeper",
        IntentState.AUDITED: "an armed keeper",
        IntentState.BLOCKED: "a person",
        IntentState.NUMBERED: "the signer",
        IntentState.SIGNED: "the validator",
        IntentState.SEALED: "a node that takes it",
        IntentState.BROADCAST: "a block",
        IntentState.INCLUDED: "a safe block",
        IntentState.SAFE: "finality",
        IntentState.DISPLACED: "the other's finality",
    }
)

NEXT: Mapping[IntentState, str] = MappingProxyType(
    {
        IntentState.QUEUED: "An armed keeper estimates, simulates and audits it, and gives it a "
        "nonce.",
        IntentState.BUILT: "An armed keeper simulates and audits it anew.",
        IntentState.AUDITED: "An armed keeper gives it the lowest free nonce.",
        IntentState.BLOCKED: "Nothing, until a person has it tried again.",
        IntentState.NUMBERED: "An armed keeper audits it once more and has it signed.",
        IntentState.SIGNED: "An armed keeper has the stored bytes validated.",
        IntentState.SEALED: "An armed keeper hands the stored bytes to every node.",
        IntentState.BROADCAST: "The keeper looks for its receipt; an armed one sends it again if "
        "nodes lose it, and raises the fee if it waits for long.",
        IntentState.INCLUDED: "The keeper follows its block until it is safe, then final.",
        IntentState.SAFE: "The keeper follows its block until it is final.",
        IntentState.DISPLACED: "Once the other's block is final it starts afresh with a new nonce.",
        IntentState.FINAL: "Nothing: it is at its end.",
        IntentState.REVERTED: "Nothing: it is at its end.",
        IntentState.CANCELLED: "Nothing: it is at its end.",
        IntentState.FAILED: "Nothing: it is at its end.",
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
        return f"an armed keeper: {WISHES[record.wanted]}"
    return WAITS[record.state]


def comes_next(overview: TransactionDetails) -> str:
    """Describe the engine's next step with a transaction, in one sentence."""
    record = overview.record
    if record.has_ended or record.state in LANDED:
        return NEXT[record.state]
    if overview.pauses:
        pause = overview.pauses[0]
        return (
            f"Only its receipt is looked for: {pause.scope} is paused by {pause.paused_by} "
            f"({pause.reason})."
        )
    if record.hold is Hold.FUNDS:
        return "An armed keeper tries it again once the sender's balance has changed."
    if record.hold is Hold.DENIED:
        return f"Nothing, until `ballast txs retry {record.intent_id}` has it tried again."
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
        return "A reorganisation took its block back; its bytes go on, for the same nonce."
    if seen.succeeded:
        return "A reorganisation took its block back; the chain has it in another one now."
    return (
        "A reorganisation took its block back, and in another one it reverted: what it stood on "
        "was not there yet. It cost gas and did nothing. Whoever asked for it asks anew for what "
        "still has to be done."
    )


def _requested(overview: TransactionDetails) -> str | None:
    record = overview.record
    match record.wanted:
        case RequestedAction.CANCEL if record.is_signed:
            return (
                "An armed keeper sends a transfer of nothing with its nonce and a higher fee, "
                "which may come too late."
            )
        case RequestedAction.CANCEL | RequestedAction.STOP if not record.is_signed:
            return "An armed keeper calls it off; nothing is signed for it yet."
        case RequestedAction.BUMP if record.is_signed:
            return "An armed keeper signs it again with a higher fee, within its limits."
        case _:
            return None
