"""Confirm: receipts by the hash of their block, followed until it is final."""

from __future__ import annotations

from keepers.model.chain import Receipt
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView
from keepers.model.transactions.records import (
    Inclusion,
    IntentRecord,
    NonceSlot,
    ReceiptVerdict,
    SlotAttempt,
)
from keepers.model.transactions.states import AttemptKind, AttemptState, IntentState, SlotState
from keepers.transactions.external_transactions import (
    final_block,
    follow_foreign,
    is_foreign,
    record_foreign,
    safe_block,
)
from keepers.transactions.sender_context import SenderContext


async def is_in_chain(desk: SenderContext, view: ChainView, number: int, block_hash: str) -> bool:
    """Whether a block is in the chain, with few questions however many blocks are followed.

    Of a chain that has a block, all blocks below it stay the same. So once per head the newest
    block that is known is asked for, and the others only if it is gone. What is final must not
    rest on this: ask for the block itself before that.
    """
    known = desk.seen.together
    if desk.seen.together_at != view.head.block_hash:
        if known and not await _is_top_there(desk):
            known.clear()
        desk.seen.together_at = view.head.block_hash
    if known.get(number) == block_hash:
        return True
    if await desk.nodes.block_hash(number) != block_hash:
        return False
    # Only what was there at the same time belongs together: the chain may have changed meanwhile.
    if known and not await _is_top_there(desk):
        known.clear()
    known[number] = block_hash
    return True


async def _is_top_there(desk: SenderContext) -> bool:
    top = max(desk.seen.together)
    return await desk.nodes.block_hash(top) == desk.seen.together[top]


def forget_up_to(desk: SenderContext, number: int) -> None:
    """Blocks that nobody follows any more, since they are final; the newest stays."""
    known = desk.seen.together
    for each in [block for block in known if block <= number and block != max(known)]:
        del known[each]


CONSUMABLE = frozenset({SlotState.RESERVED, SlotState.IN_USE})

PATIENCE_WITH_RECEIPTS = 5
"""So many blocks a nonce may be used without a receipt before somebody should hear of it."""


async def confirm(desk: SenderContext, view: ChainView, intent: IntentRecord) -> bool:
    """Look what became of an intent's nonce; answers whether something has changed."""
    slot = intent.live_slot
    if slot is None:
        return False
    if slot.state is SlotState.OURS:
        return await _follow(desk, view, intent, slot)
    if slot.state is SlotState.FOREIGN:
        return await follow_foreign(desk, view, slot)
    if slot.state in CONSUMABLE and slot.nonce < view.nonce:
        return await _find(desk, view, intent, slot)
    # A nonce that is free again was not consumed for long: what was counted does not count.
    desk.seen.forget(slot.slot_id)
    return False


async def _follow(
    desk: SenderContext, view: ChainView, intent: IntentRecord, slot: NonceSlot
) -> bool:
    attempt = next(each for each in slot.attempts if each.state is AttemptState.INCLUDED)
    known = attempt.inclusion
    assert known is not None  # noqa: S101 - the database wants a receipt of what is included
    if not await is_in_chain(desk, view, known.block_number, known.block_hash):
        return await _reorganised(desk, intent, slot, known)
    final, safe = final_block(desk, view), safe_block(desk, view)
    settles = known.block_number <= safe and intent.state is IntentState.INCLUDED
    if not settles and known.block_number > final:
        return False
    if await desk.nodes.block_hash(known.block_number) != known.block_hash:
        return await _reorganised(desk, intent, slot, known)
    if known.block_number <= final:
        end = await desk.write(desk.ledger.finalise, intent.intent_id, known.block_hash)
        facts = {"intent": intent.intent_id, "nonce": slot.nonce, "attempt": attempt.attempt_id}
        fee = known.gas_used * known.effective_gas_price
        desk.telemetry.event("ended", outcome=end, gas_used=known.gas_used, fee_wei=fee, **facts)
        forget_up_to(desk, known.block_number)
    else:
        await desk.write(desk.ledger.safe, intent.intent_id, known.block_hash)
    return True


async def _reorganised(
    desk: SenderContext, intent: IntentRecord, slot: NonceSlot, known: Inclusion
) -> bool:
    """Its block is gone: another block has it now, or it goes on as if it had never been there."""
    text = f"block {known.block_number} ({known.block_hash}) is no longer in the chain"
    facts = {"intent": intent.intent_id, "nonce": slot.nonce}
    if not await _include(desk, intent, slot):
        await desk.write(desk.ledger.unsettle, intent.intent_id)
    desk.telemetry.alarm(Alarm.REORGANISED, text, **facts)
    return True


async def _find(
    desk: SenderContext, view: ChainView, intent: IntentRecord, slot: NonceSlot
) -> bool:
    """The nonce is consumed: by one of our attempts, or by a stranger, which takes time to tell."""
    if await _include(desk, intent, slot):
        desk.seen.forget(slot.slot_id)
        return True
    if not await is_foreign(desk, view, slot):
        _tell_if_late(desk, view, slot)
        return False
    await record_foreign(desk, view, slot)
    return True


def _tell_if_late(desk: SenderContext, view: ChainView, slot: NonceSlot) -> None:
    """Nothing ends before nodes agree on a receipt, and somebody may have to see to that."""
    first = desk.seen.consumed.setdefault(slot.slot_id, view.head.number)
    blocks = view.head.number - first
    if blocks > PATIENCE_WITH_RECEIPTS:
        text = f"nonce {slot.nonce} is used, and nodes agree on no receipt for {blocks} blocks"
        desk.telemetry.alarm(Alarm.NODES_UNAVAILABLE, text, nonce=slot.nonce)


async def _include(desk: SenderContext, intent: IntentRecord, slot: NonceSlot) -> bool:
    """Look for the receipt of any bytes that were ever stored for the nonce."""
    for attempt in slot.attempts:
        hashed = attempt.signed.transaction_hash
        receipt = None if hashed is None else await desk.nodes.receipt(hashed)
        if receipt is None:
            continue
        verdict = await judge(desk, intent, attempt, receipt)
        await desk.write(desk.ledger.include, attempt.attempt_id, _inclusion(receipt), verdict)
        await _tell(desk, intent, slot, attempt, receipt)
        return True
    return False


async def _tell(
    desk: SenderContext,
    intent: IntentRecord,
    slot: NonceSlot,
    attempt: SlotAttempt,
    receipt: Receipt,
) -> None:
    """Of an inclusion, and how long it took since any bytes for the nonce first left."""
    waited: dict[str, object] = {}
    first = next((each for each in slot.attempts if each.broadcast_at is not None), None)
    if first is not None and first.broadcast_at is not None:
        now = await desk.read(desk.ledger.now)
        waited["waited_seconds"] = (now - first.broadcast_at).total_seconds()
        waited["waited_blocks"] = max(0, receipt.block_number - (first.broadcast_block or 0))
    desk.telemetry.event(
        "included",
        intent=intent.intent_id,
        nonce=slot.nonce,
        attempt=attempt.attempt_id,
        transaction=receipt.transaction_hash,
        block=receipt.block_number,
        succeeded=receipt.succeeded,
        **waited,
    )


async def judge(
    desk: SenderContext, intent: IntentRecord, attempt: SlotAttempt, receipt: Receipt
) -> ReceiptVerdict:
    """What a receipt means for the step: only of a successful call does its owner have a say."""
    if attempt.signed.kind is AttemptKind.CANCEL:
        return ReceiptVerdict(
            done=False, reason=f"cancelled: {intent.reason or 'a person asked for it'}"
        )
    if not receipt.succeeded:
        raw, block = attempt.signed.raw or "", receipt.block_number
        return ReceiptVerdict(
            done=False, reason=await desk.nodes.revert_reason(desk.sender, raw, block)
        )
    step = await desk.read(desk.ledger.step, intent.intent.step_id)
    owner = desk.judges.get(step.kind)
    return ReceiptVerdict(done=True) if owner is None else owner.judge(step, receipt)


def _inclusion(receipt: Receipt) -> Inclusion:
    return Inclusion(
        block_number=receipt.block_number,
        block_hash=receipt.block_hash,
        succeeded=receipt.succeeded,
        gas_used=receipt.gas_used,
        effective_gas_price=receipt.effective_gas_price,
    )
