"""Pauses: looked for at the start of a pass, and again before anything is signed or sent."""

from __future__ import annotations

from keepers.domain.transaction.alarms import Alarm
from keepers.domain.transaction.records import EVERYTHING, sender_scope
from keepers.engine.transactions.desk import Desk


async def is_paused(desk: Desk) -> bool:
    """Whether the sender is paused by a person or by the engine; somebody hears of it if so."""
    mine = {EVERYTHING, sender_scope(desk.ledger.chain_id, desk.ledger.sender)}
    for pause in await desk.write(desk.ledger.pauses):
        if pause.scope in mine:
            text = f"{pause.scope} is paused by {pause.paused_by}: {pause.reason}"
            desk.telemetry.alarm(Alarm.PAUSED, text)
            return True
    return False
