"""Sign and Validate: sign audited terms, store the bytes, and validate them before sending."""

from __future__ import annotations

import asyncio

from keepers.model.alarms import Alarm
from keepers.model.chain import Fees, Signed, Unsigned
from keepers.model.errors.signing import (
    AlteredTransactionError,
    AuditRefusedError,
    AuditUnavailableError,
    BadSignatureError,
    KeyUnusableError,
    SignerRefusedError,
    SignerUnreachableError,
    SigningError,
    WrongSignerError,
)
from keepers.model.transaction_records import (
    EncryptedPayload,
    IntentRecord,
    NonceSlot,
    SignedBytes,
    SlotAttempt,
)
from keepers.model.transaction_states import AttemptKind, Hold, RequestedAction
from keepers.transactions.broadcast import is_paused
from keepers.transactions.sender_context import SenderContext, reject
from keepers.transactions.terms import slot_of, stored_terms, terms_of

UNTRUSTED = (AlteredTransactionError, BadSignatureError, WrongSignerError)
"""Errors of a signer that returned another result than requested: it cannot be trusted."""

SILENT = (SignerUnreachableError, KeyUnusableError)


async def audit(context: SenderContext, terms: Unsigned) -> bool:
    """Audit terms, unless the same were just audited; return False without a response.

    Raises:
        AuditRefusedError: Policy does not allow the transaction.
    """
    if terms == context.audited:
        return True
    try:
        await asyncio.to_thread(context.auditor.audit, terms, context.sender)
    except AuditUnavailableError as error:
        context.telemetry.alarm(Alarm.AUDIT_UNAVAILABLE, str(error), nonce=terms.nonce)
        return False
    context.audited = terms
    return True


async def sign(
    context: SenderContext, intent: IntentRecord, kind: AttemptKind, fees: Fees, gas_limit: int
) -> bool:
    """Audit, sign and store an attempt; return whether it was stored.

    Only bytes that match the request are stored. After a crash, a repeated request may return other
    bytes; the first stored ones count, and the others are never sent.
    """
    slot = slot_of(intent)
    terms = terms_of(intent, slot, kind, fees, gas_limit)
    try:
        if not await audit(context, terms) or await is_paused(context):
            return False
        signed = await asyncio.to_thread(context.signer.sign, terms)
    except AuditRefusedError as error:
        context.telemetry.alarm(Alarm.AUDIT_REFUSED, str(error), intent=intent.intent_id)
        await _refuse(context, intent, slot, str(error), lasting=True)
        return False
    except SILENT as error:
        context.telemetry.alarm(Alarm.SIGNER_UNAVAILABLE, str(error), intent=intent.intent_id)
        return False
    except SignerRefusedError as error:
        context.telemetry.alarm(Alarm.SIGNER_DENIED, str(error), intent=intent.intent_id)
        await _refuse(context, intent, slot, str(error), lasting=False)
        return False
    except UNTRUSTED as error:
        context.telemetry.alarm(Alarm.SIGNER_WRONG, str(error), intent=intent.intent_id)
        await context.write(context.store.pause, f"the signer cannot be trusted: {error}")
        return False
    attempt_id = await context.write(
        context.store.store, slot.slot_id, _stored(kind, terms, signed)
    )
    facts = {"intent": intent.intent_id, "nonce": slot.nonce, "attempt": attempt_id}
    context.telemetry.event("signed", kind=kind, **facts)
    return True


async def forget_bump(context: SenderContext, intent: IntentRecord) -> None:
    """Drop a bump request that cannot be executed."""
    if intent.wanted is RequestedAction.BUMP:
        await context.write(context.store.want, intent.intent_id, None)


async def _refuse(
    context: SenderContext, intent: IntentRecord, slot: NonceSlot, reason: str, *, lasting: bool
) -> None:
    """Release the nonce if nothing is signed for it; otherwise keep the sent attempt."""
    if slot.attempts:
        await forget_bump(context, intent)
        return
    if lasting:
        await reject(context, intent.intent_id, reason)
    else:
        await context.write(context.store.block, intent.intent_id, Hold.DENIED, reason)


def _stored(kind: AttemptKind, terms: Unsigned, signed: Signed | EncryptedPayload) -> SignedBytes:
    boxed = isinstance(signed, EncryptedPayload)
    return SignedBytes(
        kind=kind,
        transaction_hash=None if boxed else signed.transaction_hash,
        raw=None if boxed else signed.raw,
        gas_limit=terms.gas_limit,
        max_fee_per_gas=terms.fees.maximum,
        max_priority_fee_per_gas=terms.fees.priority,
        sealed=signed if boxed else None,
    )


async def validate(
    context: SenderContext, intent: IntentRecord, slot: NonceSlot, attempt: SlotAttempt
) -> bool:
    """Validate stored bytes; return whether they may be sent.

    Bytes that do not match the audit indicate a compromised signer, host or database: they are
    refused permanently, and the sender is paused.
    """
    given = _given(context, attempt)
    terms = stored_terms(intent, slot, attempt)
    try:
        opened = await asyncio.to_thread(context.validator.open, given, terms, context.sender)
    except (SignerUnreachableError, AuditUnavailableError) as error:
        context.telemetry.alarm(Alarm.VALIDATOR_UNAVAILABLE, str(error), intent=intent.intent_id)
        return False
    except (SigningError, AuditRefusedError) as error:
        reason = f"the validator rejects the signed transaction: {error}"
        context.telemetry.alarm(Alarm.VALIDATOR_REFUSED, reason, intent=intent.intent_id)
        await context.write(context.store.refuse, attempt.attempt_id, reason)
        await context.write(context.store.pause, reason)
        return False
    found = opened if isinstance(given, EncryptedPayload) else None
    await context.write(context.store.seal, attempt.attempt_id, found)
    return True


def _given(context: SenderContext, attempt: SlotAttempt) -> Signed | EncryptedPayload:
    signed = attempt.signed
    if signed.sealed is not None and signed.raw is None:
        return signed.sealed
    return Signed(signed.raw or "", signed.transaction_hash or "", context.sender)
