"""Texts for the states of a transfer at a bridge."""

from __future__ import annotations

from keepers.model.bridges.values import (
    Accepted,
    BridgeQuote,
    Crossed,
    Initiation,
    Pending,
    Stuck,
    Tracking,
    Wait,
)
from keepers.model.errors.transfers import (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)

WHAT_NOW: dict[Wait, str] = {
    Wait.UNSEEN: "The bridge has not seen it yet, which is usual in the first minutes.",
    Wait.CONFIRMING: "It waits for blocks.",
    Wait.PROCESSING: "The bridge is at work on it.",
    Wait.FEE_TOO_LOW: "Its fee is too low for the fast way now; it goes the slow one.",
    Wait.TOO_LARGE: "It is too large for the fast way; it goes the slow one.",
    Wait.NO_ALLOWANCE: "The fast way is used up for now; it goes the slow one, or waits.",
    Wait.EXPIRED: "Its proof has expired, and another one was asked for.",
    Wait.UNCOMPOSED: "The tokens are there; the message that says whose they are is on its way.",
    Wait.LOCKED: "It is credited, and cannot be withdrawn yet.",
    Wait.SUSPENDED: "Withdrawals are suspended; it goes on when they are not.",
    Wait.QUOTA: "The day's limit of withdrawals is used up; it goes on tomorrow.",
    Wait.BUSY: "The service wants to be left alone for a while.",
    Wait.UNSURE: "It is looked for, and asked for again under the same name alone.",
    Wait.UNREADABLE: "The bridge cannot be asked, so nothing is known. Nothing is planned on it.",
}


def explain(name: str, state: BridgeQuote | Initiation | Tracking) -> str:
    """Describe a bridge's answer in a sentence or two."""
    match state:
        case Pending(wait, text):
            return f"{name}: {text}. {WHAT_NOW[wait]}"
        case Stuck(reason, advice):
            return f"{name}: stuck, {reason}. {advice} Nothing is sent again by itself."
        case Crossed(amount=amount):
            return f"{name}: crossed with {amount} units; the treasury can take them in."
        case Accepted(remote_id):
            known = f" as {remote_id}" if remote_id else ""
            return f"{name}: under way{known}."
        case BridgeQuote(unavailable=reason) if reason:
            return f"{name}: cannot be used now, {reason}."
        case BridgeQuote():
            part = "" if state.whole else " (all that can go at once)"
            return (
                f"{name}: {state.send} units leave and at least {state.receive} arrive{part}; "
                f"about {int(state.seconds)} s."
            )


UNREADABLE = (
    BadBridgeAnswerError,
    BridgeBusyError,
    BridgeRefusedError,
    BridgeUnreachableError,
    ClockBehindError,
)


def unreadable(error: BridgeError) -> Pending:
    """Return the pending state after a failed request, which shows nothing of the transfer.

    Raises:
        BridgeError: The error is about the transfer itself.
    """
    if not isinstance(error, UNREADABLE):
        raise error
    return Pending(Wait.UNREADABLE, str(error))
