"""How a transaction stands, what it waits for and what comes next, in people's words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from keepers.model.transactions.details import Happening, Overview
from keepers.model.transactions.states import Hold, IntentState, Thing, Wanted
from keepers.model.transactions.transitions import Cause

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

WISHES: Mapping[Wanted, str] = MappingProxyType(
    {
        Wanted.BUMP: "a higher fee is asked for",
        Wanted.CANCEL: "its cancellation is asked for",
        Wanted.STOP: "nothing more is to be signed for it",
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
"""What the chain decides: neither pauses nor wishes change it."""


def waits_for(overview: Overview) -> str:
    """What a transaction waits for, in a few words; empty at its end."""
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


def comes_next(overview: Overview) -> str:
    """What the engine does next with a transaction, in one sentence."""
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
    return _wished(overview) or NEXT[record.state]


def reorganisation_of(overview: Overview, happened: Iterable[Happening]) -> str | None:
    """What a reorganisation did to a transaction, in people's words; None where none met it."""
    met = any(each.thing == Thing.INTENT and each.cause == Cause.REORG for each in happened)
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


def _wished(overview: Overview) -> str | None:
    record = overview.record
    match record.wanted:
        case Wanted.CANCEL if record.is_signed:
            return (
                "An armed keeper sends a transfer of nothing with its nonce and a higher fee, "
                "which may come too late."
            )
        case Wanted.CANCEL | Wanted.STOP if not record.is_signed:
            return "An armed keeper calls it off; nothing is signed for it yet."
        case Wanted.BUMP if record.is_signed:
            return "An armed keeper signs it again with a higher fee, within its limits."
        case _:
            return None
