"""Nonces that somebody else has consumed with the same key."""

from __future__ import annotations

from keepers.domain.transaction.alarms import Alarm
from keepers.domain.transaction.records import ForeignUse, IntentRecord, NonceSlot
from keepers.domain.transaction.states import Hold, SlotState
from keepers.domain.transaction.view import ChainView, MadeCall
from keepers.engine.transactions.desk import Desk
from keepers.engine.transactions.finality import final_block

LOOKS = 3
"""In how many heads our transactions must be missing where nodes cannot name the one that used the
nonce."""

MOST_AT_ONCE = 100
"""Unknown nonces that one pass records."""


async def is_foreign(desk: Desk, view: ChainView, slot: NonceSlot) -> bool:
    """Whether a consumed nonce, of whose attempts none has a receipt, went to a stranger.

    A node may know the nonce before it shows the receipt, may lose receipts for a while, and a
    reorganisation may give the nonce back. So the transaction that used it decides, once it is
    deep; where no node can name it, ours must be missing at several heads.
    """
    deep = max(0, view.head.number - desk.policy.foreign_after_blocks)
    if await desk.nodes.nonce_at(desk.sender, deep) <= slot.nonce:
        return False
    hashes = [each.signed.transaction_hash for each in slot.attempts]
    ours = {each.lower() for each in hashes if each is not None}
    spender = await desk.nodes.spender(desk.sender, slot.nonce, deep)
    if spender is not None:
        return spender.lower() not in ours
    for each in ours:
        if await desk.nodes.knows(each):
            return False
    heads = desk.seen.missing.setdefault(slot.slot_id, set())
    heads.add(view.head.number)
    return len(heads) >= LOOKS


async def record_foreign(desk: Desk, view: ChainView, slot: NonceSlot) -> None:
    """Displace the intent that has the nonce; it starts afresh once that is final."""
    await desk.write(desk.ledger.foreign, _use(desk, view, slot.nonce))
    text = f"nonce {slot.nonce} of {desk.sender} was used by somebody else"
    desk.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=slot.nonce, intent=slot.intent_id)
    desk.seen.missing.pop(slot.slot_id, None)


async def record_unknown(desk: Desk, view: ChainView) -> bool:
    """Remember consumed nonces beyond all that the ledger knows; answers whether there are any.

    The key was used elsewhere, or the database is an old copy: either way these nonces are gone.
    """
    highest = await desk.write(desk.ledger.highest_nonce)
    if highest is None or view.nonce <= highest + 1:
        return False
    unknown = range(highest + 1, min(view.nonce, highest + 1 + MOST_AT_ONCE))
    for nonce in unknown:
        await _hold_twins(desk, view, nonce)
        await desk.write(desk.ledger.foreign, _use(desk, view, nonce))
    text = (
        f"nonces {unknown[0]} to {unknown[-1]} of {desk.sender} were used, and the ledger does not "
        "know of it: the key is used elsewhere, or the database is an old copy"
    )
    desk.telemetry.alarm(Alarm.FOREIGN_NONCE, text, nonce=unknown[0])
    return True


async def follow_strangers(desk: Desk, view: ChainView) -> bool:
    """Follow nonces that strangers consumed and no intent had."""
    slots = await desk.write(desk.ledger.strangers)
    return any([await follow_foreign(desk, view, slot) for slot in slots])


async def follow_foreign(desk: Desk, view: ChainView, slot: NonceSlot) -> bool:
    """Take a foreign use back if its block is gone, or keep it for good once that is final."""
    assert slot.state is SlotState.FOREIGN  # noqa: S101 - the callers choose them
    number, seen = slot.seen_block_number or 0, slot.seen_block_hash or ""
    if await desk.nodes.block_hash(number) != seen:
        await desk.write(desk.ledger.retract_foreign, slot.slot_id)
        text = f"the block in which a stranger used nonce {slot.nonce} is gone"
        desk.telemetry.alarm(Alarm.REORGANISED, text, nonce=slot.nonce)
        return True
    if number <= final_block(desk, view):
        hold = await _why_held(desk, slot, number)
        await desk.write(desk.ledger.finalise_foreign, slot.slot_id, seen, hold)
        return True
    return False


async def _hold_twins(desk: Desk, view: ChainView, nonce: int) -> None:
    """Hold what is not signed and may have been executed by bytes that the ledger has forgotten."""
    made = await _made(desk, nonce, view.head.number)
    for intent in await desk.write(desk.ledger.live):
        if intent.live_slot is None and intent.hold is not Hold.DENIED:
            reason = _doubt(intent, made, nonce)
            if reason is not None:
                await desk.write(desk.ledger.block, intent.intent_id, Hold.DENIED, reason)


async def _why_held(desk: Desk, slot: NonceSlot, block: int) -> str | None:
    """Why the intent that lost its nonce must not start afresh by itself."""
    if slot.intent_id is None:
        return None
    intent = await desk.write(desk.ledger.intent, slot.intent_id)
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


async def _made(desk: Desk, nonce: int, block: int) -> MadeCall | None:
    spender = await desk.nodes.spender(desk.sender, nonce, block)
    return None if spender is None else await desk.nodes.call_of(spender)


def _use(desk: Desk, view: ChainView, nonce: int) -> ForeignUse:
    return ForeignUse(
        chain_id=desk.ledger.chain_id,
        sender=desk.ledger.sender,
        nonce=nonce,
        block_number=view.head.number,
        block_hash=view.head.block_hash,
    )
