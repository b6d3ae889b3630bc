"""Bumps and cancellations: replacements for a pending nonce, triggered by blocks only."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from keepers.model.alarms import Alarm
from keepers.model.chain_view import ChainView
from keepers.model.errors.chain import CallRevertedError, ChainError
from keepers.model.transaction_records import IntentRecord, NonceSlot
from keepers.model.transaction_states import IntentState, RequestedAction, SlotState
from keepers.transactions.broadcast import broadcast
from keepers.transactions.sender_context import SenderContext, about_intent, reject, withdraw
from keepers.transactions.simulation import simulate
from keepers.transactions.submission import attempt_anew, dispatch
from keepers.transactions.terms import (
    is_called_off,
    is_cancelled,
    slot_of,
    standing,
    unsent,
)


async def apply_request(context: SenderContext, intent: IntentRecord, now: datetime) -> bool:
    """Apply a request or the expiry of an intent.

    Returns:
        Whether something was written.
    """
    expires = intent.intent.expires_at
    slot = intent.live_slot
    is_unsigned = slot is None or not slot.attempts
    if expires is not None and now >= expires and intent.wanted is not RequestedAction.CANCEL:
        if intent.state in {IntentState.INCLUDED, IntentState.SAFE, IntentState.DISPLACED}:
            return False
        text = f"it had to be sent before {expires.isoformat(timespec='seconds')}"
        context.telemetry.alarm(Alarm.EXPIRED, text, intent=intent.intent_id)
        if is_unsigned:
            await reject(context, intent.intent_id, text)
        else:
            await context.write(context.store.want, intent.intent_id, RequestedAction.CANCEL, text)
        return True
    if intent.state is IntentState.DISPLACED:
        return False  # an external transaction has its nonce; it waits for that
    if intent.wanted in {RequestedAction.CANCEL, RequestedAction.STOP} and is_unsigned:
        reason = intent.reason or "requested by an operator"
        await withdraw(context, intent.intent_id, f"cancelled: {reason}")
        return True
    return False


async def replace(context: SenderContext, view: ChainView, intent: IntentRecord) -> bool:
    """Replace a pending attempt, on request or after a delay; return whether it was replaced."""
    slot = intent.live_slot
    if slot is None or slot.state is not SlotState.IN_USE or unsent(slot) is not None:
        return False
    if intent.wanted is RequestedAction.CANCEL and not is_cancelled(slot):
        return await _do(context, view, intent, cancel=True)
    if intent.wanted is RequestedAction.BUMP:
        return await _do(context, view, intent, cancel=False)
    if slot.nonce != view.nonce or not _has_waited(context, view, slot):
        return False
    if not is_cancelled(slot) and await _would_revert(context, intent):
        return False
    return await _do(context, view, intent, cancel=False)


async def _do(
    context: SenderContext, view: ChainView, intent: IntentRecord, *, cancel: bool
) -> bool:
    if await attempt_anew(context, intent, cancel=cancel):
        await dispatch(context, view, intent.intent_id)
        return True
    await _send_again(context, view, intent)
    return False


async def _send_again(context: SenderContext, view: ChainView, intent: IntentRecord) -> None:
    """Resend an attempt that cannot be replaced, at the interval of replacements."""
    newest = standing(slot_of(intent))
    if newest is None or is_called_off(intent, newest):
        return
    last = context.seen.resent.get(newest.attempt_id)
    if last is None or view.head.number - last >= context.policy.bump_after_blocks:
        context.seen.resent[newest.attempt_id] = view.head.number
        await broadcast(context, view, intent, newest)


def _has_waited(context: SenderContext, view: ChainView, slot: NonceSlot) -> bool:
    """Return whether a sender's lowest nonce is pending for too long; others wait for it."""
    newest = standing(slot)
    if newest is None or newest.broadcast_block is None:
        return False
    return view.head.number - newest.broadcast_block >= context.policy.bump_after_blocks


async def _would_revert(context: SenderContext, intent: IntentRecord) -> bool:
    """Return whether the call would revert; then keep the sent attempt, or cancel it."""
    try:
        await simulate(context, intent, intent.gas_limit or 0)
    except CallRevertedError as error:
        context.telemetry.alarm(Alarm.WOULD_REVERT, str(error), intent=intent.intent_id)
        if context.policy.cancel_reverting:
            reason = f"it would revert: {error}"
            await context.write(
                context.store.want, intent.intent_id, RequestedAction.CANCEL, reason
            )
        return True
    except ChainError as error:
        context.telemetry.alarm(Alarm.SIMULATION_UNAVAILABLE, str(error), intent=intent.intent_id)
        return True
    return False


async def resend_lost(
    context: SenderContext, view: ChainView, intents: Sequence[IntentRecord]
) -> None:
    """Resend attempts that nodes have lost, once per head, lowest nonce first."""
    if context.seen.checked == view.head.block_hash:
        return
    numbered = [each for each in intents if each.live_slot is not None]
    for intent in sorted(numbered, key=lambda each: slot_of(each).nonce):
        slot = slot_of(intent)
        if slot.state is not SlotState.IN_USE or slot.nonce < view.nonce:
            continue
        newest = standing(slot)
        if newest is None or unsent(slot) is not None or is_called_off(intent, newest):
            continue
        hashed = newest.signed.transaction_hash
        if hashed is not None and not await context.nodes.knows(hashed):
            with about_intent(intent):
                await broadcast(context, view, intent, newest)
    context.seen.checked = view.head.block_hash
