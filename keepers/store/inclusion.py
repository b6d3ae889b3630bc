"""Inclusion in blocks: receipts, finality, and reorganisations that revert them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict

from sqlalchemy import RowMapping, select

from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.transaction_records import ForeignUse, Inclusion, ReceiptVerdict, sender_scope
from keepers.model.transaction_states import (
    AttemptKind,
    AttemptState,
    EntityType,
    Hold,
    IntentState,
    SlotState,
    StepState,
    Transition,
)
from keepers.store.attempts import attempts_of, slot_of
from keepers.store.database import Writing
from keepers.store.intents import block_intent, intent_of, live_slot, steps_of
from keepers.store.tables import nonce_slots
from keepers.store.transitions import begin, find, move

NO_RECEIPT = {
    "block_number": None,
    "block_hash": None,
    "succeeded": None,
    "gas_used": None,
    "effective_gas_price": None,
}
UNPROVEN = ReceiptVerdict(done=False, reason="included, but nothing proves that it was executed")
"""Verdict of a carried step that the interpreter of its carrier left out."""

FURTHEST = (
    (AttemptState.BROADCAST, IntentState.BROADCAST),
    (AttemptState.SEALED, IntentState.SEALED),
    (AttemptState.SIGNED, IntentState.SIGNED),
)


def by_itself(attempt: RowMapping) -> AttemptState:
    """Return the state of an attempt without inclusion."""
    if attempt["refused_at"] is not None:
        return AttemptState.REFUSED
    if attempt["broadcast_at"] is not None:
        return AttemptState.BROADCAST
    return AttemptState.SIGNED if attempt["sealed_at"] is None else AttemptState.SEALED


def intent_by(attempts: Iterable[AttemptState]) -> IntentState:
    """Derive the state of an intent from the states of its attempts."""
    found = set(attempts)
    furthest = (intent for attempt, intent in FURTHEST if attempt in found)
    return next(furthest, IntentState.NUMBERED)


def restore(writing: Writing, attempts: Sequence[RowMapping]) -> IntentState:
    """Restore a slot's attempts after a reorganisation; return the state of their intent."""
    for each in attempts:
        if each["state"] in {AttemptState.INCLUDED, AttemptState.REPLACED}:
            key, state = each["attempt_id"], by_itself(each)
            move(writing, EntityType.ATTEMPT, key, state, Transition.REORG, **NO_RECEIPT)
    return intent_by(by_itself(each) for each in attempts)


def replace_open(writing: Writing, attempts: Sequence[RowMapping], cause: Transition) -> None:
    """Mark unsent and sent attempts as replaced, since another transaction has the nonce."""
    for each in attempts:
        if each["state"] in {AttemptState.SIGNED, AttemptState.SEALED, AttemptState.BROADCAST}:
            move(writing, EntityType.ATTEMPT, each["attempt_id"], AttemptState.REPLACED, cause)


def drop_others(writing: Writing, attempts: Sequence[RowMapping]) -> None:
    """Mark the attempts that lost the nonce as dropped."""
    for each in attempts:
        if each["state"] in {AttemptState.REPLACED, AttemptState.REFUSED}:
            key = each["attempt_id"]
            move(writing, EntityType.ATTEMPT, key, AttemptState.DROPPED, Transition.FINALITY)


def record_inclusion(
    writing: Writing, attempt_id: int, inclusion: Inclusion, verdict: ReceiptVerdict | None = None
) -> None:
    """Record the inclusion of an attempt: consume its nonce and settle its step.

    Without a verdict of the step's owner, the receipt's status decides; a cancellation or a revert
    fails the step regardless of the verdict.

    The same receipt again has no effect. A receipt of another block, or of another attempt with the
    same nonce, means a reorganisation; the earlier one is reverted first. All in one transaction.
    """
    slot_id = find(writing, EntityType.ATTEMPT, attempt_id)["slot_id"]
    slot = slot_of(writing, slot_id)
    if slot["state"] == SlotState.OURS:
        known = included(writing, slot_id)
        if (known["attempt_id"], known["block_hash"]) == (attempt_id, inclusion.block_hash):
            return
        unsettle(writing, slot["intent_id"])
    move(
        writing,
        EntityType.ATTEMPT,
        attempt_id,
        AttemptState.INCLUDED,
        Transition.RECEIPT,
        **asdict(inclusion),
    )
    replace_open(writing, attempts_of(writing, slot_id), Transition.RECEIPT)
    move(writing, EntityType.SLOT, slot_id, SlotState.OURS, Transition.RECEIPT)
    move(writing, EntityType.INTENT, slot["intent_id"], IntentState.INCLUDED, Transition.RECEIPT)
    _settle_steps(writing, slot["intent_id"], included(writing, slot_id), verdict)


def mark_safe(writing: Writing, intent_id: int, block_hash: str) -> None:
    """Record that the block is safe.

    Raises:
        UnknownRecordError: The intent is in another block, or in none.
    """
    _included_in(writing, intent_id, block_hash)
    move(writing, EntityType.INTENT, intent_id, IntentState.SAFE, Transition.SAFE)


def unsettle(writing: Writing, intent_id: int) -> None:
    """Restore the state before an inclusion whose block was removed by a reorganisation."""
    step_id, carried = steps_of(writing, intent_id)
    slot_id = _slot_id(writing, intent_id)
    state = restore(writing, attempts_of(writing, slot_id))
    move(writing, EntityType.SLOT, slot_id, SlotState.IN_USE, Transition.REORG)
    move(writing, EntityType.INTENT, intent_id, state, Transition.REORG)
    forgotten = {"reason": None, "outcome": None}
    for each in (step_id, *carried):
        move(writing, EntityType.STEP, each, StepState.ACTIVE, Transition.REORG, **forgotten)


def finalise(writing: Writing, intent_id: int, block_hash: str) -> IntentState:
    """Record that the block is final; return the terminal state of the intent.

    Raises:
        UnknownRecordError: The intent is in another block, or in none.
    """
    attempt = _included_in(writing, intent_id, block_hash)
    slot_id = attempt["slot_id"]
    move(
        writing, EntityType.ATTEMPT, attempt["attempt_id"], AttemptState.FINAL, Transition.FINALITY
    )
    drop_others(writing, attempts_of(writing, slot_id))
    move(writing, EntityType.SLOT, slot_id, SlotState.OURS_FINAL, Transition.FINALITY)
    end = outcome(attempt)
    move(writing, EntityType.INTENT, intent_id, end, Transition.FINALITY)
    return end


def outcome(attempt: RowMapping) -> IntentState:
    """Return the terminal state of an intent from its final attempt's receipt, not its requests."""
    if attempt["kind"] == AttemptKind.CANCEL:
        return IntentState.CANCELLED
    return IntentState.FINAL if attempt["succeeded"] else IntentState.REVERTED


def included(writing: Writing, slot_id: int) -> RowMapping:
    """Return the included attempt of a slot.

    Raises:
        UnknownRecordError: No attempt is included.
    """
    for each in attempts_of(writing, slot_id):
        if each["state"] == AttemptState.INCLUDED:
            return each
    raise UnknownRecordError(f"included attempt of nonce slot {slot_id}")


def _included_in(writing: Writing, intent_id: int, block_hash: str) -> RowMapping:
    attempt = included(writing, _slot_id(writing, intent_id))
    if attempt["block_hash"] != block_hash:
        raise UnknownRecordError(f"attempt of intent {intent_id} in block {block_hash}")
    return attempt


def _slot_id(writing: Writing, intent_id: int) -> int:
    intent_of(writing, intent_id)
    slot = live_slot(writing, intent_id)
    if slot is None:
        raise UnknownRecordError(f"live nonce slot of intent {intent_id}")
    return slot["slot_id"]


def _settle_steps(
    writing: Writing, intent_id: int, attempt: RowMapping, verdict: ReceiptVerdict | None
) -> None:
    step_id, carried = steps_of(writing, intent_id)
    end = outcome(attempt)
    _settle_step(writing, step_id, end, verdict)
    for each in carried:
        _settle_step(writing, each, end, _verdict_of(each, verdict))


def _verdict_of(step_id: int, verdict: ReceiptVerdict | None) -> ReceiptVerdict | None:
    """Return the verdict of a carried step; if its carrier failed, that of the carrier."""
    if verdict is None or not verdict.done:
        return verdict
    return verdict.carried.get(step_id, UNPROVEN)


def _settle_step(
    writing: Writing, step_id: int, end: IntentState, verdict: ReceiptVerdict | None
) -> None:
    remembered = None if verdict is None else verdict.outcome
    if end is IntentState.FINAL and (verdict is None or verdict.done):
        move(
            writing,
            EntityType.STEP,
            step_id,
            StepState.DONE,
            Transition.RECEIPT,
            outcome=remembered,
        )
        return
    reason = end.lower() if verdict is None else verdict.reason or end.lower()
    failed = {"reason": reason, "outcome": remembered}
    move(writing, EntityType.STEP, step_id, StepState.FAILED, Transition.RECEIPT, **failed)


UNSEEN = {"seen_block_number": None, "seen_block_hash": None}


def record_foreign(writing: Writing, use: ForeignUse) -> int:
    """Record that an external transaction consumed a nonce; return the slot's id.

    The intent that held it waits, with its bytes, until that is final or reverted by a reorg.
    """
    writing.require(sender_scope(use.chain_id, use.sender))
    seen = {"seen_block_number": use.block_number, "seen_block_hash": use.block_hash}
    whose = {"chain_id": use.chain_id, "sender": use.sender.lower(), "nonce": use.nonce}
    slot = _holder(writing, use)
    if slot is None:
        values = {**whose, **seen, "reserved_at": writing.now}
        return begin(writing, EntityType.SLOT, SlotState.FOREIGN, Transition.FOREIGN, **values)
    slot_id = slot["slot_id"]
    if slot["state"] == SlotState.FOREIGN_FINAL or slot["seen_block_hash"] == use.block_hash:
        return slot_id
    if slot["state"] == SlotState.FOREIGN:
        retract_foreign(writing, slot_id)
        return record_foreign(writing, use)
    replace_open(writing, attempts_of(writing, slot_id), Transition.FOREIGN)
    move(writing, EntityType.SLOT, slot_id, SlotState.FOREIGN, Transition.FOREIGN, **seen)
    move(writing, EntityType.INTENT, slot["intent_id"], IntentState.DISPLACED, Transition.FOREIGN)
    return slot_id


def retract_foreign(writing: Writing, slot_id: int) -> None:
    """Restore the state before an external use of a nonce that a reorg removed.

    Raises:
        UnknownRecordError: The slot has no external use.
    """
    slot = slot_of(writing, slot_id)
    if slot["state"] != SlotState.FOREIGN:
        raise UnknownRecordError(f"foreign use of nonce slot {slot_id}")
    attempts = attempts_of(writing, slot_id)
    state = restore(writing, attempts)
    if slot["intent_id"] is None:
        move(writing, EntityType.SLOT, slot_id, SlotState.VOID, Transition.REORG, **UNSEEN)
        return
    free = SlotState.IN_USE if attempts else SlotState.RESERVED
    move(writing, EntityType.SLOT, slot_id, free, Transition.REORG, **UNSEEN)
    move(writing, EntityType.INTENT, slot["intent_id"], state, Transition.REORG)


def finalise_foreign(
    writing: Writing, slot_id: int, block_hash: str, hold: str | None = None
) -> None:
    """Record that an external use is final; the intent starts again with a new nonce.

    Args:
        writing: The transaction.
        slot_id: The nonce slot.
        block_hash: The block at which the nonce was found consumed.
        hold: Reason to block the intent instead, if any.

    Raises:
        UnknownRecordError: The use was found at another block, or not at all.
    """
    slot = slot_of(writing, slot_id)
    if slot["seen_block_hash"] != block_hash:
        raise UnknownRecordError(f"nonce slot {slot_id} consumed at block {block_hash}")
    drop_others(writing, attempts_of(writing, slot_id))
    move(writing, EntityType.SLOT, slot_id, SlotState.FOREIGN_FINAL, Transition.FINALITY)
    if slot["intent_id"] is not None:
        intent_of(writing, slot["intent_id"])
        move(writing, EntityType.INTENT, slot["intent_id"], IntentState.QUEUED, Transition.FINALITY)
        if hold is not None:
            block_intent(writing, slot["intent_id"], Hold.DENIED, hold)


def _holder(writing: Writing, use: ForeignUse) -> RowMapping | None:
    of_sender = (nonce_slots.c.chain_id == use.chain_id) & (
        nonce_slots.c.sender == use.sender.lower()
    )
    holds = (nonce_slots.c.nonce == use.nonce) & (nonce_slots.c.state != SlotState.VOID)
    query = select(nonce_slots).where(of_sender, holds)
    return writing.connection.execute(query).mappings().first()
