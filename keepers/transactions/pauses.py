"""Pauses: looked for at the start of a pass, and again before anything is signed or sent."""

from __future__ import annotations

from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.records import EVERYTHING, Pause, sender_scope
from keepers.transactions.sender_context import Desk


async def is_paused(desk: Desk) -> bool:
    """Whether the sender is paused by a person or by the engine; somebody hears of it if so."""
    pause = await pause_of(desk)
    if pause is not None:
        text = f"{pause.scope} is paused by {pause.paused_by}: {pause.reason}"
        desk.telemetry.alarm(Alarm.PAUSED, text)
    return pause is not None


async def pause_of(desk: Desk) -> Pause | None:
    """What keeps the sender from signing and sending."""
    mine = {EVERYTHING, sender_scope(desk.ledger.chain_id, desk.ledger.sender)}
    pauses = await desk.read(desk.ledger.pauses)
    return next((pause for pause in pauses if pause.scope in mine), None)
