"""Confirm: track receipts by block hash until the block is final."""

from __future__ import annotations

from keepers.model.alarms import Alarm
from keepers.model.chain import Receipt
from keepers.model.chain_view import ChainView
from keepers.model.transaction_records import (
    Inclusion,
    IntentRecord,
    NonceSlot,
    ReceiptVerdict,
    SlotAttempt,
)
from keepers.model.transaction_states import AttemptKind, AttemptState, IntentState, SlotState
from keepers.transactions.external_transactions import (
    final_block,
    follow_foreign,
    is_foreign,
    record_foreign,
    safe_block,
)
from keepers.transactions.sender_context import SenderContext


async def is_in_chain(
    context: SenderContext, view: ChainView, number: int, block_hash: str
) -> bool:
    """Return whether a block is in the chain, with few requests for any number of blocks.

    If a block is in the chain, so are all its ancestors. So the newest known block is queried once
    per head, and the others only if it is gone. Finality must not rely on this: query the block
    itself first.
    """
    known = context.seen.together
    if context.seen.together_at != view.head.block_hash:
        if known and not await _is_top_there(context):
            known.clear()
        context.seen.together_at = view.head.block_hash
    if known.get(number) == block_hash:
        return True
    if await context.nodes.block_hash(number) != block_hash:
        return False
    # Only blocks seen at the same time form one chain; a reorg may have happened in between.
    if known and not await _is_top_there(context):
        known.clear()
    known[number] = block_hash
    return True


async def _is_top_there(context: SenderContext) -> bool:
    top = max(context.seen.together)
    return await context.nodes.block_hash(top) == context.seen.together[top]


def forget_up_to(context: SenderContext, number: int) -> None:
    """Drop cached blocks that are final, except the newest."""
    known = context.seen.together
    for each in [block for block in known if block <= number and block != max(known)]:
        del known[each]


CONSUMABLE = frozenset({SlotState.RESERVED, SlotState.IN_USE})

PATIENCE_WITH_RECEIPTS = 5
"""Blocks after which a consumed nonce without a receipt raises an alarm."""


async def confirm(context: SenderContext, view: ChainView, intent: IntentRecord) -> bool:
    """Check an intent's nonce on chain; return whether something has changed."""
    slot = intent.live_slot
    if slot is None:
        return False
    if slot.state is SlotState.OURS:
        return await _follow(context, view, intent, slot)
    if slot.state is SlotState.FOREIGN:
        return await follow_foreign(context, view, slot)
    if slot.state in CONSUMABLE and slot.nonce < view.nonce:
        return await _find(context, view, intent, slot)
    # The nonce is free again (or not consumed), so earlier observations are void.
    context.seen.forget(slot.slot_id)
    return False


async def _follow(
    context: SenderContext, view: ChainView, intent: IntentRecord, slot: NonceSlot
) -> bool:
    attempt = next(each for each in slot.attempts if each.state is AttemptState.INCLUDED)
    known = attempt.inclusion
    assert known is not None  # noqa: S101 - the database requires a receipt of an inclusion
    if not await is_in_chain(context, view, known.block_number, known.block_hash):
        return await _reorganised(context, intent, slot, known)
    final, safe = final_block(context, view), safe_block(context, view)
    settles = known.block_number <= safe and intent.state is IntentState.INCLUDED
    if not settles and known.block_number > final:
        return False
    if await context.nodes.block_hash(known.block_number) != known.block_hash:
        return await _reorganised(context, intent, slot, known)
    if known.block_number <= final:
        end = await context.write(context.store.finalise, intent.intent_id, known.block_hash)
        facts = {"intent": intent.intent_id, "nonce": slot.nonce, "attempt": attempt.attempt_id}
        fee = known.gas_used * known.effective_gas_price
        context.telemetry.event("ended", outcome=end, gas_used=known.gas_used, fee_wei=fee, **facts)
        forget_up_to(context, known.block_number)
    else:
        await context.write(context.store.safe, intent.intent_id, known.block_hash)
    return True


async def _reorganised(
    context: SenderContext, intent: IntentRecord, slot: NonceSlot, known: Inclusion
) -> bool:
    """Record that its block was reorganised: it is in another block, or pending again."""
    text = f"block {known.block_number} ({known.block_hash}) is no longer in the chain"
    facts = {"intent": intent.intent_id, "nonce": slot.nonce}
    if not await _include(context, intent, slot):
        await context.write(context.store.unsettle, intent.intent_id)
    context.telemetry.alarm(Alarm.REORGANISED, text, **facts)
    return True


async def _find(
    context: SenderContext, view: ChainView, intent: IntentRecord, slot: NonceSlot
) -> bool:
    """Find the transaction that consumed a nonce: an own one, or a confirmed external one."""
    if await _include(context, intent, slot):
        context.seen.forget(slot.slot_id)
        return True
    if not await is_foreign(context, view, slot):
        _alarm_if_late(context, view, slot)
        return False
    await record_foreign(context, view, slot)
    return True


def _alarm_if_late(context: SenderContext, view: ChainView, slot: NonceSlot) -> None:
    """Raise an alarm if nodes have not agreed on a receipt for too long."""
    first = context.seen.consumed.setdefault(slot.slot_id, view.head.number)
    blocks = view.head.number - first
    if blocks > PATIENCE_WITH_RECEIPTS:
        text = (
            f"nonce {slot.nonce} is used, but nodes have not agreed on a receipt for {blocks} "
            "blocks"
        )
        context.telemetry.alarm(Alarm.NODES_UNAVAILABLE, text, nonce=slot.nonce)


async def _include(context: SenderContext, intent: IntentRecord, slot: NonceSlot) -> bool:
    """Record the receipt of any attempt ever stored for the nonce, if there is one."""
    for attempt in slot.attempts:
        hashed = attempt.signed.transaction_hash
        receipt = None if hashed is None else await context.nodes.receipt(hashed)
        if receipt is None:
            continue
        verdict = await interpret(context, intent, attempt, receipt)
        await context.write(context.store.include, attempt.attempt_id, _inclusion(receipt), verdict)
        await _report(context, intent, slot, attempt, receipt)
        return True
    return False


async def _report(
    context: SenderContext,
    intent: IntentRecord,
    slot: NonceSlot,
    attempt: SlotAttempt,
    receipt: Receipt,
) -> None:
    """Report an inclusion, and the time since the first submission for the nonce."""
    waited: dict[str, object] = {}
    first = next((each for each in slot.attempts if each.broadcast_at is not None), None)
    if first is not None and first.broadcast_at is not None:
        now = await context.read(context.store.now)
        waited["waited_seconds"] = (now - first.broadcast_at).total_seconds()
        waited["waited_blocks"] = max(0, receipt.block_number - (first.broadcast_block or 0))
    context.telemetry.event(
        "included",
        intent=intent.intent_id,
        nonce=slot.nonce,
        attempt=attempt.attempt_id,
        transaction=receipt.transaction_hash,
        block=receipt.block_number,
        succeeded=receipt.succeeded,
        **waited,
    )


async def interpret(
    context: SenderContext, intent: IntentRecord, attempt: SlotAttempt, receipt: Receipt
) -> ReceiptVerdict:
    """Return the verdict of a receipt for the step; only successful calls are interpreted."""
    if attempt.signed.kind is AttemptKind.CANCEL:
        return ReceiptVerdict(
            done=False, reason=f"cancelled: {intent.reason or 'requested by an operator'}"
        )
    if not receipt.succeeded:
        raw, block = attempt.signed.raw or "", receipt.block_number
        return ReceiptVerdict(
            done=False, reason=await context.nodes.revert_reason(context.sender, raw, block)
        )
    step = await context.read(context.store.step, intent.intent.step_id)
    owner = context.interpreters.get(step.kind)
    return ReceiptVerdict(done=True) if owner is None else owner.interpret(step, receipt)


def _inclusion(receipt: Receipt) -> Inclusion:
    return Inclusion(
        block_number=receipt.block_number,
        block_hash=receipt.block_hash,
        succeeded=receipt.succeeded,
        gas_used=receipt.gas_used,
        effective_gas_price=receipt.effective_gas_price,
    )
