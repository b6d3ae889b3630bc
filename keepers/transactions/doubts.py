"""Calls that were perhaps made already, by bytes that the ledger has forgotten or never had."""

from __future__ import annotations

from keepers.model.transactions.chain_view import ChainView, MadeCall
from keepers.model.transactions.records import IntentRecord, NonceSlot
from keepers.model.transactions.states import Hold
from keepers.transactions.sender_context import Desk


async def hold_twins(desk: Desk, view: ChainView, nonce: int) -> None:
    """Hold what is not signed and may have been executed by bytes that the ledger has forgotten."""
    made = await _made(desk, nonce, view.head.number)
    for intent in await desk.live():
        if intent.live_slot is None and intent.hold is not Hold.DENIED:
            reason = _doubt(intent, made, nonce)
            if reason is not None:
                await desk.write(desk.ledger.block, intent.intent_id, Hold.DENIED, reason)


async def why_held(desk: Desk, slot: NonceSlot, block: int) -> str | None:
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


async def _made(desk: Desk, nonce: int, block: int) -> MadeCall | None:
    spender = await desk.nodes.spender(desk.sender, nonce, block)
    return None if spender is None else await desk.nodes.call_of(spender)
