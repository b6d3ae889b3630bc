"""Terms of an intent's attempts: its call, or a cancellation in its place."""

from __future__ import annotations

from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.transaction_records import IntentRecord, NonceSlot, SlotAttempt
from keepers.model.transaction_states import (
    UNSENT,
    AttemptKind,
    AttemptState,
    IntentState,
    RequestedAction,
)

PLAIN_TRANSFER_GAS = 21_000
"""Gas of a transfer without data, such as a cancellation (a zero-value self-transfer)."""

WAITING = frozenset({IntentState.QUEUED, IntentState.BUILT, IntentState.AUDITED})
"""States of intents that wait for the next free nonce, in order of creation."""


def terms_of(
    intent: IntentRecord, slot: NonceSlot, kind: AttemptKind, fees: Fees, gas_limit: int
) -> Unsigned:
    """Return the transaction of an attempt."""
    new = intent.intent
    if kind is AttemptKind.CANCEL:
        return Unsigned(
            chain_id=new.chain_id,
            nonce=slot.nonce,
            call=ContractCall(new.sender, "0x"),
            gas_limit=gas_limit,
            fees=fees,
        )
    return Unsigned(
        chain_id=new.chain_id,
        nonce=slot.nonce,
        call=new.call,
        gas_limit=gas_limit,
        fees=fees,
        value=new.value,
        access_list=intent.access_list,
    )


def stored_terms(intent: IntentRecord, slot: NonceSlot, attempt: SlotAttempt) -> Unsigned:
    """Return the transaction that stored bytes must match."""
    signed = attempt.signed
    return terms_of(intent, slot, signed.kind, signed.fees, signed.gas_limit)


def slot_of(intent: IntentRecord) -> NonceSlot:
    """Return the nonce slot of an intent that holds one."""
    slot = intent.live_slot
    assert slot is not None  # noqa: S101
    return slot


def unsent(slot: NonceSlot) -> SlotAttempt | None:
    """Return the attempt that is stored and not sent; there is at most one."""
    return next((each for each in slot.attempts if each.state in UNSENT), None)


def hashes_of(slot: NonceSlot) -> list[str]:
    """Return the hashes of all attempts of a nonce, except encrypted ones."""
    found = (each.signed.transaction_hash for each in slot.attempts)
    return [each for each in found if each is not None]


def standing(slot: NonceSlot) -> SlotAttempt | None:
    """Return the newest sent attempt, which has the highest fees."""
    sent = [each for each in slot.attempts if each.state is AttemptState.BROADCAST]
    return sent[-1] if sent else None


def is_cancelled(slot: NonceSlot) -> bool:
    """Return whether a cancellation that was not refused has followed the call."""
    return any(
        each.signed.kind is AttemptKind.CANCEL and each.state is not AttemptState.REFUSED
        for each in slot.attempts
    )


def is_called_off(intent: IntentRecord, attempt: SlotAttempt) -> bool:
    """Return whether a stored attempt of the call must not be sent because of a cancellation."""
    return intent.wanted is RequestedAction.CANCEL and attempt.signed.kind is not AttemptKind.CANCEL


def is_to_be_cancelled(intent: IntentRecord, slot: NonceSlot) -> bool:
    """Return whether to cancel next: on request, or after a stop without usable attempts."""
    if intent.wanted is RequestedAction.STOP:
        return all(each.state is AttemptState.REFUSED for each in slot.attempts)
    return intent.wanted is RequestedAction.CANCEL


def next_kind(slot: NonceSlot, *, cancel: bool) -> AttemptKind:
    """Return the kind of the next attempt of a nonce."""
    if cancel or is_cancelled(slot):
        return AttemptKind.CANCEL
    accepted = any(each.state is not AttemptState.REFUSED for each in slot.attempts)
    return AttemptKind.BUMP if accepted else AttemptKind.ORIGINAL
