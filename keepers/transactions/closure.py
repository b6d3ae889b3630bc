"""Ends of intents for which nothing is signed."""

from __future__ import annotations

from keepers.model.transactions.states import IntentState
from keepers.transactions.sender_context import Desk


async def reject(desk: Desk, intent_id: int, reason: str) -> None:
    """It is not signed, and its step has failed."""
    await desk.write(desk.ledger.reject, intent_id, reason)
    desk.telemetry.event("ended", intent=intent_id, outcome=IntentState.FAILED, reason=reason)


async def withdraw(desk: Desk, intent_id: int, reason: str) -> None:
    """Call it off; raises `IllegalMoveError` if something is signed for it."""
    await desk.write(desk.ledger.withdraw, intent_id, reason)
    desk.telemetry.event("ended", intent=intent_id, outcome=IntentState.CANCELLED, reason=reason)
