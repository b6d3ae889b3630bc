"""Operator requests about a transaction: stored first, executed by the holder of the lease."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from keepers.model.errors.transaction import (
    RequestNotPossibleError,
    UnknownRecordError,
    UnknownTransactionError,
)
from keepers.model.json_document import Json
from keepers.model.transaction_details import STATES, TransactionDetails, comes_next
from keepers.model.transaction_states import (
    AttemptKind,
    AttemptState,
    IntentState,
    RequestedAction,
)
from keepers.reports.transaction_document import gwei
from keepers.store.database import Database, Writing
from keepers.store.intents import retry_intent, want
from keepers.store.transaction_queries import overview_of

LANDED = frozenset({IntentState.INCLUDED, IntentState.SAFE})


class Ask(StrEnum):
    """Kind of a request; the value is the command."""

    BUMP = "bump"
    CANCEL = "cancel"
    RETRY = "retry"


@dataclass(frozen=True, slots=True)
class Passed:
    """Result of a pass.

    Attributes:
        other: The keeper that currently works for the sender, so that no pass was made.
        reached: Whether the nodes responded.
    """

    other: str | None = None
    reached: bool = True


def look_up(database: Database, intent_id: int) -> TransactionDetails:
    """Return a transaction's current state; raises `UnknownTransactionError` if there is none."""
    now = database.now()
    try:
        return database.read(lambda connection: overview_of(connection, intent_id, now))
    except UnknownRecordError:
        raise UnknownTransactionError(intent_id) from None


def remember(database: Database, intent_id: int, ask: Ask, reason: str) -> None:
    """Store a request, even while another keeper holds the lease.

    Raises:
        UnknownTransactionError: There is no transaction of this id.
        RequestNotPossibleError: The transaction is in a state that does not allow the request.
    """

    def work(writing: Writing) -> None:
        overview = overview_of(writing.connection, intent_id, writing.now)
        refusal = why_not(overview, ask)
        if refusal is not None:
            raise RequestNotPossibleError(intent_id, ask, refusal)
        match ask:
            case Ask.BUMP:
                want(writing, intent_id, RequestedAction.BUMP)
            case Ask.CANCEL:
                want(writing, intent_id, RequestedAction.CANCEL, reason)
            case Ask.RETRY:
                retry_intent(writing, intent_id)

    try:
        database.transact(ask, work)
    except UnknownRecordError:
        raise UnknownTransactionError(intent_id) from None


def why_not(overview: TransactionDetails, ask: Ask) -> str | None:
    """Return why a request about a transaction is not possible, in one clause; None if it is."""
    record = overview.record
    if record.has_ended:
        return f"it has ended: {STATES[record.state]}"
    if ask is Ask.RETRY:
        return None if record.state is IntentState.BLOCKED else "it is not on hold"
    seen = record.inclusion
    if record.state in LANDED and seen is not None:
        return f"it is in block {seen.block_number}"
    if record.state is IntentState.DISPLACED:
        return "an external transaction used its nonce; it is built again once that is final"
    return _why_no_bump(overview) if ask is Ask.BUMP else None


def _why_no_bump(overview: TransactionDetails) -> str | None:
    slot = overview.record.live_slot
    if slot is None or not slot.attempts:
        return "nothing is signed for it yet"
    standing = (each for each in slot.attempts if each.state is not AttemptState.REFUSED)
    is_cancelled = any(each.signed.kind is AttemptKind.CANCEL for each in standing)
    if overview.record.wanted is RequestedAction.CANCEL and not is_cancelled:
        return "its cancellation is already requested, which pays a higher fee"
    return None


ASKED = {
    Ask.BUMP: "a higher fee is requested",
    Ask.CANCEL: "its cancellation is requested",
    Ask.RETRY: "a retry is requested",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """Result of a request.

    Attributes:
        acted: Whether a pass was made now and the nodes responded.
        by: The keeper that executes the request instead, if known.
        text: The result as text.
    """

    overview: TransactionDetails
    ask: Ask
    acted: bool
    by: str | None
    text: str

    def document(self) -> dict[str, Json]:
        """Return the result as a document."""
        return {"asked": str(self.ask), "acted": self.acted, "by": self.by, "text": self.text}


def answer_of(
    before: TransactionDetails,
    after: TransactionDetails,
    ask: Ask,
    passed: Passed | None,
    holder: str | None,
) -> Answer:
    """Return the result of a request.

    Args:
        before: The transaction at the time of the request.
        after: The transaction now.
        ask: The request.
        passed: The pass that was made; None if this command is not armed.
        holder: The keeper that holds the lease now.
    """
    asked = ASKED[ask]
    by = holder if passed is None else passed.other
    if by is not None:
        text = f"{asked}; {by} sends for its account, and applies this in its next pass"
        return Answer(after, ask, acted=False, by=by, text=text)
    if passed is None:
        text = f"{asked}; an armed keeper applies it, or this command with --arm"
        return Answer(after, ask, acted=False, by=None, text=text)
    if not passed.reached:
        text = f"{asked}; nodes do not respond, so an armed keeper applies it later"
        return Answer(after, ask, acted=False, by=None, text=text)
    return Answer(after, ask, acted=True, by=None, text=_what_happened(before, after, asked))


def _what_happened(before: TransactionDetails, after: TransactionDetails, asked: str) -> str:
    new = after.attempts[len(before.attempts) :]
    if new:
        signed = new[-1].signed
        return (
            f"{signed.kind.lower()} at {gwei(signed.max_fee_per_gas)} gwei, tip "
            f"{gwei(signed.max_priority_fee_per_gas)}, is {new[-1].state.lower()}: "
            f"{signed.transaction_hash or 'encrypted'}"
        )
    if after.record.state is not before.record.state:
        return f"it is {STATES[after.record.state]} now"
    return f"{asked}, but could not be applied now. {comes_next(after)}"
