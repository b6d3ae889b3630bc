"""Gaps: a free nonce below others that wait for it is filled, if need be with nothing."""

from __future__ import annotations

from collections.abc import Sequence

from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.chain_view import ChainView
from keepers.model.transactions.records import IntentRecord
from keepers.model.transactions.states import Hold, SlotState
from keepers.transactions.sender_context import Desk
from keepers.transactions.terms import WAITING

WAITS = frozenset({SlotState.RESERVED, SlotState.IN_USE})


async def free_below(desk: Desk, view: ChainView, intents: Sequence[IntentRecord]) -> int | None:
    """The lowest free nonce, if others above it wait for it."""
    slots = [each.live_slot for each in intents]
    nonces = {slot.nonce for slot in slots if slot and slot.state in WAITS}
    free = await desk.read(desk.ledger.next_nonce, view.nonce)
    return free if any(nonce > free for nonce in nonces) else None


async def fill_gap(desk: Desk, view: ChainView, intents: Sequence[IntentRecord]) -> bool:
    """Ask for a transfer of nothing where a gap was there at two heads; True if it was asked for.

    Whatever is asked for next would fill it too: this is for when nothing is. What was asked for
    and cannot go on yet is not asked for again, however long that takes.
    """
    free = await free_below(desk, view, intents)
    if free is None:
        desk.seen.gap = None
        return False
    if desk.seen.gap is None or desk.seen.gap[0] != free:
        desk.seen.gap = (free, view.head.number)
        return False
    if desk.seen.gap[1] == view.head.number:
        return False
    text = f"nonce {free} of {desk.sender} is free below others"
    if any(map(_comes_first, intents)):
        desk.telemetry.alarm(Alarm.NONCE_GAP, f"{text}, until what waits goes on", nonce=free)
        return False
    desk.seen.gap = None
    desk.telemetry.alarm(Alarm.NONCE_GAP, f"{text}; it is filled", nonce=free)
    await desk.write(desk.ledger.repair)
    return True


def _comes_first(intent: IntentRecord) -> bool:
    """Whether an intent will take the nonce, or is a filler that waits for coins or a person."""
    new = intent.intent
    is_filler = (new.target.lower(), new.calldata) == (new.sender.lower(), "0x")
    is_held = intent.hold is Hold.FUNDS or (intent.hold is Hold.DENIED and is_filler)
    return intent.state in WAITING or is_held
