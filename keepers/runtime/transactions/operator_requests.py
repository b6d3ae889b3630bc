"""What a person wants of a transaction: remembered first, done by whoever holds the lease."""

from __future__ import annotations

from enum import StrEnum

from keepers.model.errors.transaction import CannotBeAsked, NoSuchTransaction, UnknownRecord
from keepers.model.transactions.details import Overview
from keepers.model.transactions.states import AttemptKind, AttemptState, IntentState, Wanted
from keepers.model.transactions.status_text import STATES
from keepers.store.sending.details import overview_of
from keepers.store.sending.intents import retry_intent, want
from keepers.store.sending.transact import Ledger, Writing

LANDED = frozenset({IntentState.INCLUDED, IntentState.SAFE})


class Ask(StrEnum):
    """What can be asked for; the value is the command."""

    BUMP = "bump"
    CANCEL = "cancel"
    RETRY = "retry"


def look_up(ledger: Ledger, intent_id: int) -> Overview:
    """A transaction as it stands; raises `NoSuchTransaction` if there is none of this id."""
    now = ledger.now()
    try:
        return ledger.read(lambda connection: overview_of(connection, intent_id, now))
    except UnknownRecord:
        raise NoSuchTransaction(intent_id) from None


def remember(ledger: Ledger, intent_id: int, ask: Ask, reason: str) -> None:
    """Remember a wish, also while another keeper holds the lease.

    Raises:
        NoSuchTransaction: There is none of this id.
        CannotBeAsked: It is not in a state in which this means anything.
    """

    def work(writing: Writing) -> None:
        overview = overview_of(writing.connection, intent_id, writing.now)
        refusal = why_not(overview, ask)
        if refusal is not None:
            raise CannotBeAsked(intent_id, ask, refusal)
        match ask:
            case Ask.BUMP:
                want(writing, intent_id, Wanted.BUMP)
            case Ask.CANCEL:
                want(writing, intent_id, Wanted.CANCEL, reason)
            case Ask.RETRY:
                retry_intent(writing, intent_id)

    try:
        ledger.transact(ask, work)
    except UnknownRecord:
        raise NoSuchTransaction(intent_id) from None


def why_not(overview: Overview, ask: Ask) -> str | None:
    """Why something cannot be asked of a transaction, in one clause; None if it can."""
    record = overview.record
    if record.has_ended:
        return f"it is at its end, {STATES[record.state]}"
    if ask is Ask.RETRY:
        return None if record.state is IntentState.BLOCKED else "it is not held back"
    seen = record.inclusion
    if record.state in LANDED and seen is not None:
        return f"it is in block {seen.block_number}"
    if record.state is IntentState.DISPLACED:
        return "somebody else used its nonce; it starts afresh once that is final"
    return _why_no_bump(overview) if ask is Ask.BUMP else None


def _why_no_bump(overview: Overview) -> str | None:
    slot = overview.record.live_slot
    if slot is None or not slot.attempts:
        return "nothing is signed for it yet"
    standing = (each for each in slot.attempts if each.state is not AttemptState.REFUSED)
    is_cancelled = any(each.signed.kind is AttemptKind.CANCEL for each in standing)
    if overview.record.wanted is Wanted.CANCEL and not is_cancelled:
        return "its cancellation is asked for, which pays more anyway"
    return None
