"""Gaps: a free nonce below others that wait for it is filled, if need be with nothing."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.domain.transaction.alarms import Alarm
from keepers.domain.transaction.records import IntentRecord
from keepers.domain.transaction.states import SlotState
from keepers.domain.transaction.view import ChainView
from keepers.engine.transactions.desk import Desk

WAITS = frozenset({SlotState.RESERVED, SlotState.IN_USE})


async def fill_gap(desk: Desk, view: ChainView, intents: Sequence[IntentRecord]) -> bool:
    """Ask for a transfer of nothing where a gap was there at two heads; True if it was asked for.

    Whatever is asked for next would fill it too: this is for when nothing is.
    """
    slots = [each.live_slot for each in intents]
    nonces = {slot.nonce for slot in slots if slot and slot.state in WAITS}
    free = await desk.read(desk.ledger.next_nonce, view.nonce)
    if not any(nonce > free for nonce in nonces) or free in nonces:
        desk.seen.gap = None
        return False
    if desk.seen.gap is None or desk.seen.gap[0] != free:
        desk.seen.gap = (free, view.head.number)
        return False
    if desk.seen.gap[1] == view.head.number:
        return False
    desk.seen.gap = None
    text = f"nonce {free} of {desk.sender} is free below others; it is filled"
    desk.telemetry.alarm(Alarm.NONCE_GAP, text, nonce=free)
    await desk.write(desk.ledger.repair)
    return True
