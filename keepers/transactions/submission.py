"""Submission of an intent with a nonce: sign, validate, broadcast."""

from __future__ import annotations

from keepers.model.alarms import Alarm
from keepers.model.chain import Fees
from keepers.model.chain_view import ChainView, next_fees
from keepers.model.transaction_records import IntentRecord, NonceSlot
from keepers.model.transaction_states import AttemptKind, AttemptState, IntentState
from keepers.transactions.broadcast import broadcast
from keepers.transactions.sender_context import SenderContext
from keepers.transactions.signing import forget_bump, sign, validate
from keepers.transactions.terms import (
    PLAIN_TRANSFER_GAS,
    is_called_off,
    is_to_be_cancelled,
    next_kind,
    slot_of,
    unsent,
)


async def dispatch(context: SenderContext, view: ChainView, intent_id: int) -> bool:
    """Submit an intent with a nonce to the nodes; return whether it was submitted.

    Each step reads the store again, so this also resumes after a restart.
    """
    intent = await context.read(context.store.intent, intent_id)
    slot = intent.live_slot
    if slot is None:
        return False
    if intent.state is IntentState.NUMBERED:
        if not await attempt_anew(context, intent):
            return False
        intent = await context.read(context.store.intent, intent_id)
        slot = slot_of(intent)
    attempt = unsent(slot)
    if attempt is not None and is_called_off(intent, attempt):
        reason = f"must not be sent any more: {intent.reason or 'cancelled'}"
        await context.write(context.store.refuse, attempt.attempt_id, reason)
        return False
    if attempt is not None and attempt.state is AttemptState.SIGNED:
        if not await validate(context, intent, slot, attempt):
            return False
        intent = await context.read(context.store.intent, intent_id)
        attempt = unsent(slot_of(intent))
    return attempt is None or await broadcast(context, view, intent, attempt)


async def attempt_anew(
    context: SenderContext, intent: IntentRecord, *, cancel: bool = False
) -> bool:
    """Sign the next attempt with fees above all earlier ones; return False if impossible.

    Args:
        context: The sender's ports.
        intent: The intent with the nonce.
        cancel: Whether to replace the call by a cancellation.
    """
    slot = slot_of(intent)
    kind = next_kind(slot, cancel=cancel or is_to_be_cancelled(intent, slot))
    fees = await fees_above(context, slot, kind)
    if fees is None:
        text = f"nonce {slot.nonce} has reached the fee limit; the sent transaction is sent again"
        context.telemetry.alarm(Alarm.FEE_CAP, text, intent=intent.intent_id, nonce=slot.nonce)
        await forget_bump(context, intent)
        return False
    gas = PLAIN_TRANSFER_GAS if kind is AttemptKind.CANCEL else intent.gas_limit
    assert gas is not None  # noqa: S101 - the database requires it with a nonce
    return await sign(context, intent, kind, fees, gas)


async def fees_above(context: SenderContext, slot: NonceSlot, kind: AttemptKind) -> Fees | None:
    """Return fees above those of all attempts, even refused ones; None if above a limit."""
    before = [each.signed.fees for each in slot.attempts]
    return next_fees(before, await context.market(), context.policy.limits_of(kind))
