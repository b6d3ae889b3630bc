"""Nonces and their signed attempts: stored, validated, then sent."""

from collections.abc import Sequence

from sqlalchemy import RowMapping, select

from keepers.model.chain import Signed
from keepers.model.errors.transaction import AttemptRefusedError, UnknownRecordError
from keepers.model.transaction_records import SignedBytes, sender_scope
from keepers.model.transaction_states import (
    UNSENT,
    AttemptKind,
    AttemptState,
    EntityType,
    IntentState,
    RequestedAction,
    SlotState,
    Transition,
)
from keepers.store.database import Writing
from keepers.store.intents import intent_of, next_nonce, want
from keepers.store.records import columns_of
from keepers.store.tables import slot_attempts
from keepers.store.transitions import append_event, begin, find, move


def refusal(others: Sequence[RowMapping], signed: SignedBytes) -> str | None:
    """Return why a database rule rejects bytes after the other attempts; None if it does not."""
    if any(each["state"] in UNSENT for each in others):
        return "other signed bytes are stored and not sent yet"
    standing = [each for each in others if each["refused_at"] is None]
    kinds = {each["kind"] for each in standing}
    match signed.kind:
        case AttemptKind.ORIGINAL if AttemptKind.ORIGINAL in kinds:
            return "the call is already signed; a bump is required"
        case AttemptKind.BUMP if AttemptKind.ORIGINAL not in kinds:
            return "there is nothing to bump"
        case AttemptKind.ORIGINAL | AttemptKind.BUMP if AttemptKind.CANCEL in kinds:
            return "it is being cancelled"
        case _:
            return _underpaid(standing, signed)


def _underpaid(standing: Sequence[RowMapping], signed: SignedBytes) -> str | None:
    if signed.max_priority_fee_per_gas > signed.max_fee_per_gas:
        return "the tip is above the fee"
    for name in ("max_fee_per_gas", "max_priority_fee_per_gas"):
        floor = max((each[name] for each in standing), default=0)
        if getattr(signed, name) < floor:
            return f"{name} is below the {floor} of an earlier attempt"
    return None


CAUSES = {
    AttemptKind.ORIGINAL: Transition.SIGN,
    AttemptKind.BUMP: Transition.BUMP,
    AttemptKind.CANCEL: Transition.CANCEL,
}


def reserve_nonce(writing: Writing, intent_id: int, chain_nonce: int) -> tuple[int, int]:
    """Reserve the lowest free nonce for an audited intent; return the slot's id and the nonce.

    A nonce is free if no slot holds it and the chain has not consumed it. So gaps are filled first,
    and no consumed nonce is reused, even after an old copy of the database is restored.
    """
    intent = intent_of(writing, intent_id)
    whose = intent["chain_id"], intent["sender"]
    nonce = next_nonce(writing.connection, *whose, chain_nonce)
    slot_id = begin(
        writing,
        EntityType.SLOT,
        SlotState.RESERVED,
        Transition.RESERVE,
        intent_id=intent_id,
        chain_id=intent["chain_id"],
        sender=intent["sender"],
        nonce=nonce,
        reserved_at=writing.now,
    )
    move(writing, EntityType.INTENT, intent_id, IntentState.NUMBERED, Transition.RESERVE)
    return slot_id, nonce


def store_attempt(writing: Writing, slot_id: int, signed: SignedBytes) -> int:
    """Store signed bytes before submission: the call, a fee bump, or a cancellation.

    Raises:
        AttemptRefusedError: Another attempt is stored and not sent yet; the fees are lower than
            before; or the call is repeated, or follows its cancellation.
        StoreRefusedError: The nonce or its intent is in a later state, or the same bytes are stored
            for another slot.
    """
    slot = slot_of(writing, slot_id)
    others = attempts_of(writing, slot_id)
    reason = refusal(others, signed)
    if reason is not None:
        raise AttemptRefusedError(slot_id, reason)
    cause = CAUSES[signed.kind]
    attempt_id = begin(
        writing,
        EntityType.ATTEMPT,
        AttemptState.SIGNED,
        cause,
        slot_id=slot_id,
        position=len(others),
        stored_at=writing.now,
        seal_digest=None if signed.sealed is None else signed.sealed.digest,
        seal_box=None if signed.sealed is None else signed.sealed.ciphertext,
        **columns_of(signed, "sealed"),
    )
    if slot["state"] == SlotState.RESERVED:
        move(writing, EntityType.SLOT, slot_id, SlotState.IN_USE, cause)
    intent = intent_of(writing, slot["intent_id"])
    if intent["state"] == IntentState.NUMBERED:
        move(writing, EntityType.INTENT, slot["intent_id"], IntentState.SIGNED, cause)
    if intent["wanted"] == RequestedAction.BUMP:
        want(writing, slot["intent_id"], None)
    return attempt_id


def seal_attempt(writing: Writing, attempt_id: int, opened: Signed | None = None) -> None:
    """Record that the stored bytes match the audited transaction and may be sent.

    Args:
        writing: The transaction.
        attempt_id: The attempt.
        opened: The decrypted bytes, if they were stored encrypted.

    Raises:
        StoreRefusedError: The bytes are encrypted and `opened` is missing, or are already known.
    """
    intent = _intent_of_attempt(writing, attempt_id)
    state = AttemptState.SEALED
    found = {} if opened is None else {"transaction_hash": opened.transaction_hash}
    if opened is not None:
        found["raw"] = opened.raw
    move(
        writing,
        EntityType.ATTEMPT,
        attempt_id,
        state,
        Transition.VALIDATE,
        sealed_at=writing.now,
        **found,
    )
    if intent["state"] == IntentState.SIGNED:
        move(
            writing, EntityType.INTENT, intent["intent_id"], IntentState.SEALED, Transition.VALIDATE
        )


def refuse_attempt(writing: Writing, attempt_id: int, reason: str) -> None:
    """Record that bytes must not be sent. They keep their nonce, as copies may exist elsewhere."""
    intent = _intent_of_attempt(writing, attempt_id)
    state = AttemptState.REFUSED
    move(writing, EntityType.ATTEMPT, attempt_id, state, Transition.REFUSE, refused_at=writing.now)
    append_event(
        writing, EntityType.ATTEMPT, attempt_id, Transition.REFUSE, detail={"reason": reason}
    )
    if intent["state"] in {IntentState.SIGNED, IntentState.SEALED}:
        move(
            writing, EntityType.INTENT, intent["intent_id"], IntentState.NUMBERED, Transition.REFUSE
        )


def record_broadcast(writing: Writing, attempt_id: int, block: int) -> None:
    """Record that the bytes were sent to a node. May be repeated for each submission.

    Args:
        writing: The transaction.
        attempt_id: The attempt.
        block: Head at the first submission, from which blocks until a bump are counted.
    """
    intent = _intent_of_attempt(writing, attempt_id)
    if find(writing, EntityType.ATTEMPT, attempt_id)["state"] == AttemptState.BROADCAST:
        append_event(writing, EntityType.ATTEMPT, attempt_id, Transition.SEND)
        return
    state = AttemptState.BROADCAST
    sent = {"broadcast_at": writing.now, "broadcast_block": block}
    move(writing, EntityType.ATTEMPT, attempt_id, state, Transition.SEND, **sent)
    if intent["state"] == IntentState.SEALED:
        move(
            writing, EntityType.INTENT, intent["intent_id"], IntentState.BROADCAST, Transition.SEND
        )


def slot_of(writing: Writing, slot_id: int) -> RowMapping:
    """Return the row of a nonce slot; the lease must be on its sender.

    Raises:
        UnknownRecordError: There is no such slot.
        WrongLeaseError: The lease is not on its sender.
    """
    row = find(writing, EntityType.SLOT, slot_id)
    writing.require(sender_scope(row["chain_id"], row["sender"]))
    return row


def attempts_of(writing: Writing, slot_id: int) -> Sequence[RowMapping]:
    """Return the rows of a slot's attempts, in order of creation."""
    chosen = select(slot_attempts).where(slot_attempts.c.slot_id == slot_id)
    rows = writing.connection.execute(chosen.order_by(slot_attempts.c.position))
    return rows.mappings().all()


def _intent_of_attempt(writing: Writing, attempt_id: int) -> RowMapping:
    slot = slot_of(writing, find(writing, EntityType.ATTEMPT, attempt_id)["slot_id"])
    if slot["intent_id"] is None:
        raise UnknownRecordError(f"intent of nonce {slot['nonce']}")
    return intent_of(writing, slot["intent_id"])
