"""What was sent and is in no node's pool any more is sent again, byte for byte."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.model.transactions.chain_view import ChainView
from keepers.model.transactions.records import IntentRecord
from keepers.model.transactions.states import SlotState
from keepers.transactions.broadcast import broadcast
from keepers.transactions.context import about_intent
from keepers.transactions.sender_context import Desk
from keepers.transactions.terms import is_called_off, standing, unsent


async def resend_lost(desk: Desk, view: ChainView, intents: Sequence[IntentRecord]) -> None:
    """Once per head, look for what waits in the pools, the lowest nonce first."""
    if desk.seen.checked == view.head.block_hash:
        return
    for intent in sorted(intents, key=_nonce):
        slot = intent.live_slot
        if slot is None or slot.state is not SlotState.IN_USE or slot.nonce < view.nonce:
            continue
        newest = standing(slot)
        if newest is None or unsent(slot) is not None or is_called_off(intent, newest):
            continue
        hashed = newest.signed.transaction_hash
        if hashed is not None and not await desk.nodes.knows(hashed):
            with about_intent(intent):
                await broadcast(desk, view, intent, newest)
    desk.seen.checked = view.head.block_hash


def _nonce(intent: IntentRecord) -> int:
    slot = intent.live_slot
    return -1 if slot is None else slot.nonce
