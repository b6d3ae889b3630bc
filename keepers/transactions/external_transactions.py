"""Nonces that somebody else has consumed with the same key."""

from __future__ import annotations

from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView, MadeCall
from keepers.model.transactions.records import ForeignUse, IntentRecord, NonceSlot
from keepers.model.transactions.states import Hold, SlotState
from keepers.transactions.sender_context import SenderContext
from keepers.transactions.terms import hashes_of


async def hold_twins(desk: SenderContext, view: ChainView, nonce: int) -> None:
    """Hold what is not signed and may have been executed by bytes that the ledger has forgotten."""
    made = await _made(desk, nonce, view.head.number)
    for intent in await desk.live():
        if intent.live_slot is None and intent.hold is not Hold.DENIED:
            reason = _doubt(intent, made, nonce)
            if reason is not None:
                await desk.write(desk.ledger.block, intent.intent_id, Hold.DENIED, reason)


async def why_held(desk: SenderContext, slot: NonceSlot, block: int) -> str | None:
    """Why the intent that lost its nonce must not start afresh by itself."""
    if slot.intent_id is None:
        return None
    intent = await desk.read(desk.ledger.intent, slot.intent_id)
    return _doubt(intent, await _made(desk, slot.nonce, block), slot.nonce)


def _doubt(intent: IntentRecord, made: MadeCall | None, nonce: int) -> str | None:
    """Whether a call was perhaps made already; one that no node can show may have been ours."""
    new = intent.intent
    if made is None:
        return f"no node shows what used nonce {nonce}; look whether this was done, then retry"
    target = (made.target or "").lower()
    wanted = (new.target.lower(), new.calldata.lower(), new.value)
    if (target, made.calldata.lower(), made.value) != wanted:
        return None
    return f"nonce {nonce} was used for this very call, which is done; cancel it, or retry"


async def _made(desk: SenderContext, nonce: int, block: int) -> MadeCall | None:
    spender = await desk.nodes.spender(desk.sender, nonce, block)
    return None if spender is None else await desk.nodes.call_of(spender)


def final_block(desk: SenderContext, view: ChainView) -> int:
    """The newest block that stays: as the chain says, or deep enough where it does not."""
    if desk.policy.trust_tags and view.finalized is not None:
        return view.finalized
    return view.head.number - desk.policy.finality_blocks


def safe_block(desk: SenderContext, view: ChainView) -> int:
    """The newest block that is safe: as the chain says, or half as deep as a final one."""
    if desk.policy.trust_tags and view.safe is not None:
        return view.safe
    return view.head.number - max(1, desk.policy.finality_blocks // 2)


async def check_finality(desk: SenderContext, view: ChainView) -> bool:
    """Whether the newest block that was final is still in the chain.

    If not, the chain was reset, or a node lies: nothing can be relied on, and the sender is paused
    until a person has looked. Nodes that have not come so far yet say nothing against it: nothing
    is done before they have.
    """
    known = await desk.read(desk.ledger.last_final)
    if known is None:
        return True
    if view.head.number < known.block_number:
        text = f"nodes are at block {view.head.number}, below final block {known.block_number}"
        desk.telemetry.alarm(Alarm.FINALITY_BROKEN, text)
        return False
    found = await desk.nodes.block_hash(known.block_number)
    if found == known.block_hash:
        return True
    reason = f"final block {known.block_number} was {known.block_hash} and is {found or 'missing'}"
    desk.telemetry.alarm(Alarm.FINALITY_BROKEN, reason)
    await desk.write(desk.ledger.pause, reason)
    return False


LOOKS = 3
"""In how many heads our transactions must be missing where nodes cannot name the one that used the
nonce."""

MOST_AT_ONCE = 100
"""Unknown nonces that one pass records."""


async def is_foreign(desk: SenderContext, view: ChainView, slot: NonceSlot) -> bool:
    """Whether a consumed nonce, of whose attempts none has a receipt, went to a stranger.

    A node may know the nonce before it shows the receipt, may lose receipts for a while, and a
    reorganisation may give the nonce back. So the transaction that used it decides, once it is
    deep; where no node can name it, ours must be missing at several heads.
    """
    deep = max(0, view.head.number - desk.policy.foreign_after_blocks)
    if await desk.nodes.nonce_at(desk.sender, deep) <= slot.nonce:
        return False
    ours = {each.lower() for each in hashes_of(slot)}
    spender = await desk.nodes.spender(desk.sender, slot.nonce, deep)
    if spender is not None:
        return spender.lower() not in ours
    for each in ours:
        if await desk.nodes.knows(each):
            return False
    heads = desk.seen.missing.setdefault(slot.slot_id, set())
    heads.add(view.head.number)
    return len(heads) >= LOOKS


async def record_foreign(desk: SenderContext, view: ChainView, slot: NonceSlot) -> None:
    """Displace the intent that has the nonce; it starts afresh once that is final."""
    await desk.write(desk.ledger.foreign, _use(desk, view, slot.nonce))
    text = f"nonce {slot.nonce} of {desk.sender} was used by somebody else"
    desk.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=slot.nonce, intent=slot.intent_id)
    desk.seen.forget(slot.slot_id)


async def record_past(desk: SenderContext) -> None:
    """Remember, before a sender's first call is stored, which nonce was its last until then.

    Without it an old copy of the database, in which no call has a nonce yet, could not tell those
    that were used since from those before.

    Raises:
        ChainError: The nodes do not say.
    """
    if desk.seen.past or await desk.read(desk.ledger.first_unknown_nonce) is not None:
        desk.seen.past = True
        return
    view = await desk.nodes.view(desk.sender)
    if view.nonce > 0 and not await desk.live():
        await desk.write(desk.ledger.foreign, _use(desk, view, view.nonce - 1))
    desk.seen.past = True


async def tell_of_past(desk: SenderContext) -> None:
    """Tell people, once in the life of a database, that it is new to a key that is not new.

    Raises:
        LeaseHeldError: Another keeper sends for the sender.
        ChainError: The nodes do not say.
    """
    if await desk.read(desk.ledger.first_unknown_nonce) is not None or await desk.live():
        return
    view = await desk.nodes.view(desk.sender)
    if view.nonce == 0:
        return
    await desk.write(desk.ledger.acquire)
    await desk.write(desk.ledger.foreign, _use(desk, view, view.nonce - 1))
    text = (
        f"{desk.sender} has sent {view.nonce} transactions, and the database knows of none: if "
        "another database was used with this key, stop and name that one as `database`. Two "
        "databases for one key spend its limits twice. A key that was used for something else "
        "before needs nothing: this is told once"
    )
    desk.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=view.nonce - 1)


async def record_unknown(desk: SenderContext, view: ChainView) -> bool:
    """Remember consumed nonces beyond all that the ledger knows; answers whether there are any.

    The key was used elsewhere, or the database is an old copy: either way these nonces are gone.
    """
    first = await desk.read(desk.ledger.first_unknown_nonce)
    if first is None:
        # A sender with calls and no past had sent nothing when the first of them was stored.
        first = 0 if await desk.live() else view.nonce
    if view.nonce <= first:
        return False
    unknown = range(first, min(view.nonce, first + MOST_AT_ONCE))
    for nonce in unknown:
        await hold_twins(desk, view, nonce)
        await desk.write(desk.ledger.foreign, _use(desk, view, nonce))
    text = (
        f"nonces {unknown[0]} to {unknown[-1]} of {desk.sender} were used, and the ledger does not "
        "know of it: the key is used elsewhere, as with a second database, or the database is an "
        "old copy. If it is, stop, put the newest copy back, and run `ballast txs resync`"
    )
    desk.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=unknown[0])
    return True


async def follow_foreign_slots(desk: SenderContext, view: ChainView) -> bool:
    """Follow nonces that strangers consumed and no intent had."""
    slots = await desk.read(desk.ledger.foreign_slots)
    return any([await follow_foreign(desk, view, slot) for slot in slots])


async def follow_foreign(desk: SenderContext, view: ChainView, slot: NonceSlot) -> bool:
    """Take a foreign use back if its block is gone, or keep it for good once that is final.

    Nodes may have lost a receipt of ours for a while: one that they show by then decides.
    """
    assert slot.state is SlotState.FOREIGN  # noqa: S101 - the callers choose them
    number, seen = slot.seen_block_number or 0, slot.seen_block_hash or ""
    # A later head has fewer of our nonces only where a node had said what is not so.
    if slot.nonce >= view.nonce or await desk.nodes.block_hash(number) != seen:
        await desk.write(desk.ledger.retract_foreign, slot.slot_id)
        text = f"the block in which a stranger used nonce {slot.nonce} is gone, or never was"
        desk.telemetry.alarm(Alarm.REORGANISED, text, nonce=slot.nonce)
        return True
    if await _is_ours(desk, slot):
        await desk.write(desk.ledger.retract_foreign, slot.slot_id)
        return True
    if number <= final_block(desk, view):
        hold = await why_held(desk, slot, number)
        await desk.write(desk.ledger.finalise_foreign, slot.slot_id, seen, hold)
        return True
    return False


async def _is_ours(desk: SenderContext, slot: NonceSlot) -> bool:
    """Whether a receipt of any bytes of ours is there after all."""
    for each in hashes_of(slot):
        if await desk.nodes.receipt(each) is not None:
            return True
    return False


def _use(desk: SenderContext, view: ChainView, nonce: int) -> ForeignUse:
    return ForeignUse(
        chain_id=desk.ledger.chain_id,
        sender=desk.ledger.sender,
        nonce=nonce,
        block_number=view.head.number,
        block_hash=view.head.block_hash,
    )
