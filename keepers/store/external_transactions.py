"""External transactions: nonces consumed by transactions that this database does not have."""

from sqlalchemy import RowMapping, select

from keepers.model.errors.transaction import UnknownRecordError
from keepers.model.transactions.records import ForeignUse, sender_scope
from keepers.model.transactions.states import EntityType, Hold, IntentState, SlotState, Transition
from keepers.store.attempts import attempts_of, slot_of
from keepers.store.database import Writing
from keepers.store.inclusion import drop_others, replace_open, restore
from keepers.store.intents import block_intent, intent_of
from keepers.store.tables import nonce_slots
from keepers.store.transitions import begin, move

UNSEEN = {"seen_block_number": None, "seen_block_hash": None}


def record_foreign(writing: Writing, use: ForeignUse) -> int:
    """At this block the nonce is consumed, and no attempt of ours is included; answers the slot.

    The intent that held it waits, with its bytes, until that is final or reorganised away.
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
    """The nonce is not consumed after all: everything is where it had come by itself.

    Raises:
        UnknownRecordError: No stranger has consumed it.
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
    """The block is final: our bytes never will be included, and the intent starts afresh.

    Args:
        writing: The transaction.
        slot_id: The nonce.
        block_hash: The block at which it was seen consumed.
        hold: Why the intent waits for a person instead, if it does.

    Raises:
        UnknownRecordError: It was seen at another block, or not at all.
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
