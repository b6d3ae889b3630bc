"""External transactions: nonces of the sender's key consumed outside this store."""

from __future__ import annotations

from keepers.model.alarms import Alarm
from keepers.model.chain_view import ChainView, MadeCall
from keepers.model.transaction_records import ForeignUse, IntentRecord, NonceSlot
from keepers.model.transaction_states import Hold, SlotState
from keepers.transactions.sender_context import SenderContext
from keepers.transactions.terms import hashes_of


async def hold_twins(context: SenderContext, view: ChainView, nonce: int) -> None:
    """Block unsigned intents that an unrecorded transaction may have executed."""
    made = await _made(context, nonce, view.head.number)
    for intent in await context.live():
        if intent.live_slot is None and intent.hold is not Hold.DENIED:
            reason = _doubt(intent, made, nonce)
            if reason is not None:
                await context.write(context.store.block, intent.intent_id, Hold.DENIED, reason)


async def why_held(context: SenderContext, slot: NonceSlot, block: int) -> str | None:
    """Return why an intent that lost its nonce must not restart without an operator, if so."""
    if slot.intent_id is None:
        return None
    intent = await context.read(context.store.intent, slot.intent_id)
    return _doubt(intent, await _made(context, slot.nonce, block), slot.nonce)


def _doubt(intent: IntentRecord, made: MadeCall | None, nonce: int) -> str | None:
    """Return why a call may have been executed already; an unknown spender is a reason."""
    new = intent.intent
    if made is None:
        return (
            f"no node shows which transaction used nonce {nonce}; check whether this call was "
            "executed, then retry"
        )
    target = (made.target or "").lower()
    wanted = (new.target.lower(), new.calldata.lower(), new.value)
    if (target, made.calldata.lower(), made.value) != wanted:
        return None
    return (
        f"nonce {nonce} was used by an external transaction with the same call, which is "
        "executed; cancel this transaction, or retry"
    )


async def _made(context: SenderContext, nonce: int, block: int) -> MadeCall | None:
    spender = await context.nodes.spender(context.sender, nonce, block)
    return None if spender is None else await context.nodes.call_of(spender)


def final_block(context: SenderContext, view: ChainView) -> int:
    """Return the newest final block: the chain's tag, or a block deep enough without one."""
    if context.policy.trust_tags and view.finalized is not None:
        return view.finalized
    return view.head.number - context.policy.finality_blocks


def safe_block(context: SenderContext, view: ChainView) -> int:
    """Return the newest safe block: the chain's tag, or half the final depth without one."""
    if context.policy.trust_tags and view.safe is not None:
        return view.safe
    return view.head.number - max(1, context.policy.finality_blocks // 2)


async def check_finality(context: SenderContext, view: ChainView) -> bool:
    """Return whether the newest recorded final block is still in the chain.

    If not, the chain was reset or a node is faulty: no data is reliable, and the sender is paused
    until an operator resumes it. Nodes below that block prove nothing, so nothing is done until
    they have reached it.
    """
    known = await context.read(context.store.last_final)
    if known is None:
        return True
    if view.head.number < known.block_number:
        text = f"nodes are at block {view.head.number}, below final block {known.block_number}"
        context.telemetry.alarm(Alarm.FINALITY_BROKEN, text)
        return False
    found = await context.nodes.block_hash(known.block_number)
    if found == known.block_hash:
        return True
    reason = f"final block {known.block_number} was {known.block_hash} and is {found or 'missing'}"
    context.telemetry.alarm(Alarm.FINALITY_BROKEN, reason)
    await context.write(context.store.pause, reason)
    return False


LOOKS = 3
"""Heads at which own transactions must be missing, if nodes cannot identify the nonce's spender."""

MOST_AT_ONCE = 100
"""Maximum number of unknown nonces that one pass records."""


async def is_foreign(context: SenderContext, view: ChainView, slot: NonceSlot) -> bool:
    """Return whether a consumed nonce without a receipt was used by an external transaction.

    A node may report the nonce before the receipt, may lose receipts temporarily, and a
    reorganisation may free the nonce. So the spending transaction decides, once it is deep enough;
    if no node can identify it, own transactions must be missing at several heads.
    """
    deep = max(0, view.head.number - context.policy.foreign_after_blocks)
    if await context.nodes.nonce_at(context.sender, deep) <= slot.nonce:
        return False
    ours = {each.lower() for each in hashes_of(slot)}
    spender = await context.nodes.spender(context.sender, slot.nonce, deep)
    if spender is not None:
        return spender.lower() not in ours
    for each in ours:
        if await context.nodes.knows(each):
            return False
    heads = context.seen.missing.setdefault(slot.slot_id, set())
    heads.add(view.head.number)
    return len(heads) >= LOOKS


async def record_foreign(context: SenderContext, view: ChainView, slot: NonceSlot) -> None:
    """Displace the intent with the nonce; it restarts with a new one once that is final."""
    await context.write(context.store.foreign, _use(context, view, slot.nonce))
    text = f"nonce {slot.nonce} of {context.sender} was used by an external transaction"
    context.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=slot.nonce, intent=slot.intent_id)
    context.seen.forget(slot.slot_id)


async def record_past(context: SenderContext) -> None:
    """Record a sender's last used nonce before its first call is stored.

    Without it, an old copy of the database in which no call has a nonce yet could not distinguish
    nonces used since from earlier ones.

    Raises:
        ChainError: The nodes do not respond.
    """
    if context.seen.past or await context.read(context.store.first_unknown_nonce) is not None:
        context.seen.past = True
        return
    view = await context.nodes.view(context.sender)
    if view.nonce > 0 and not await context.live():
        await context.write(context.store.foreign, _use(context, view, view.nonce - 1))
    context.seen.past = True


async def report_unknown_past(context: SenderContext) -> None:
    """Raise an alarm, once per database, if a new database is used with a used key.

    Raises:
        LeaseHeldError: Another keeper sends for the sender.
        ChainError: The nodes do not respond.
    """
    if await context.read(context.store.first_unknown_nonce) is not None or await context.live():
        return
    view = await context.nodes.view(context.sender)
    if view.nonce == 0:
        return
    await context.write(context.store.acquire)
    await context.write(context.store.foreign, _use(context, view, view.nonce - 1))
    text = (
        f"{context.sender} has sent {view.nonce} transactions, but the database contains none: if "
        "another database was used with this key, stop the keeper and set `database` to that "
        "one. Two databases for one key spend its limits twice. If the key was used for "
        "something else before, do nothing: this is reported once"
    )
    context.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=view.nonce - 1)


async def record_unknown(context: SenderContext, view: ChainView) -> bool:
    """Record consumed nonces unknown to the store; return whether there are any.

    The key was used elsewhere, or the database is an old copy; the nonces are consumed either way.
    """
    first = await context.read(context.store.first_unknown_nonce)
    if first is None:
        # A sender with calls and no recorded past had sent nothing before its first call.
        first = 0 if await context.live() else view.nonce
    if view.nonce <= first:
        return False
    unknown = range(first, min(view.nonce, first + MOST_AT_ONCE))
    for nonce in unknown:
        await hold_twins(context, view, nonce)
        await context.write(context.store.foreign, _use(context, view, nonce))
    text = (
        f"nonces {unknown[0]} to {unknown[-1]} of {context.sender} were used, but the database "
        "does not contain them: the key is used elsewhere, for example with a second database, "
        "or this database is an old copy. If it is an old copy, stop the keeper, restore the "
        "newest copy, and run `ballast txs resync`"
    )
    context.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=unknown[0])
    return True


async def follow_foreign_slots(context: SenderContext, view: ChainView) -> bool:
    """Track externally used nonces without an intent."""
    slots = await context.read(context.store.foreign_slots)
    return any([await follow_foreign(context, view, slot) for slot in slots])


async def follow_foreign(context: SenderContext, view: ChainView, slot: NonceSlot) -> bool:
    """Retract an external use if its block is gone, or finalise it once the block is final.

    Nodes may lose an own receipt temporarily; if they return it by then, it decides.
    """
    assert slot.state is SlotState.FOREIGN  # noqa: S101 - checked by the callers
    number, seen = slot.seen_block_number or 0, slot.seen_block_hash or ""
    # A later head has a lower nonce only if a node returned wrong data.
    if slot.nonce >= view.nonce or await context.nodes.block_hash(number) != seen:
        await context.write(context.store.retract_foreign, slot.slot_id)
        text = (
            f"the block in which an external transaction used nonce {slot.nonce} is no longer in "
            "the chain, or never was"
        )
        context.telemetry.alarm(Alarm.REORGANISED, text, nonce=slot.nonce)
        return True
    if await _is_ours(context, slot):
        await context.write(context.store.retract_foreign, slot.slot_id)
        return True
    if number <= final_block(context, view):
        hold = await why_held(context, slot, number)
        await context.write(context.store.finalise_foreign, slot.slot_id, seen, hold)
        return True
    return False


async def _is_ours(context: SenderContext, slot: NonceSlot) -> bool:
    """Return whether an own attempt has a receipt."""
    for each in hashes_of(slot):
        if await context.nodes.receipt(each) is not None:
            return True
    return False


def _use(context: SenderContext, view: ChainView, nonce: int) -> ForeignUse:
    return ForeignUse(
        chain_id=context.store.chain_id,
        sender=context.store.sender,
        nonce=nonce,
        block_number=view.head.number,
        block_hash=view.head.block_hash,
    )
