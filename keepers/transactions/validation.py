"""Validate: stored bytes are compared with what was audited, and only then may leave."""

from __future__ import annotations

import asyncio

from keepers.model.chain import Signed
from keepers.model.errors.signing import (
    AuditRefusedError,
    AuditUnavailableError,
    SignerUnreachableError,
    SigningError,
)
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.records import (
    EncryptedPayload,
    IntentRecord,
    NonceSlot,
    SlotAttempt,
)
from keepers.transactions.sender_context import Desk
from keepers.transactions.terms import stored_terms


async def validate(desk: Desk, intent: IntentRecord, slot: NonceSlot, attempt: SlotAttempt) -> bool:
    """Have stored bytes validated; answers whether they may leave.

    Bytes that are not what was audited mean that signer, host or database were tampered with: they
    are refused for ever and the sender is paused.
    """
    given = _given(desk, attempt)
    terms = stored_terms(intent, slot, attempt)
    try:
        opened = await asyncio.to_thread(desk.validator.open, given, terms, desk.sender)
    except (SignerUnreachableError, AuditUnavailableError) as error:
        desk.telemetry.alarm(Alarm.VALIDATOR_UNAVAILABLE, str(error), intent=intent.intent_id)
        return False
    except (SigningError, AuditRefusedError) as error:
        reason = f"the validator refuses what was signed: {error}"
        desk.telemetry.alarm(Alarm.VALIDATOR_REFUSED, reason, intent=intent.intent_id)
        await desk.write(desk.ledger.refuse, attempt.attempt_id, reason)
        await desk.write(desk.ledger.pause, reason)
        return False
    found = opened if isinstance(given, EncryptedPayload) else None
    await desk.write(desk.ledger.seal, attempt.attempt_id, found)
    return True


def _given(desk: Desk, attempt: SlotAttempt) -> Signed | EncryptedPayload:
    signed = attempt.signed
    if signed.sealed is not None and signed.raw is None:
        return signed.sealed
    return Signed(signed.raw or "", signed.transaction_hash or "", desk.sender)
