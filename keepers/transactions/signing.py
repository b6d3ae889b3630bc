"""Sign: audited terms become stored bytes. What the signer may not do, it does not do twice."""

from __future__ import annotations

import asyncio

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
from keepers.model.transactions.alarms import Alarm
from keepers.model.transactions.records import (
    EncryptedPayload,
    IntentRecord,
    NonceSlot,
    SignedBytes,
    SlotAttempt,
)
from keepers.model.transactions.states import AttemptKind, Hold, RequestedAction
from keepers.transactions.broadcast import is_paused
from keepers.transactions.sender_context import SenderContext, reject
from keepers.transactions.terms import slot_of, stored_terms, terms_of

UNTRUSTED = (AlteredTransactionError, BadSignatureError, WrongSignerError)
"""The signer gave something else than was asked of it: it is broken, or somebody else's."""

SILENT = (SignerUnreachableError, KeyUnusableError)


async def audit(desk: SenderContext, terms: Unsigned) -> bool:
    """Ask the auditor, unless it has just passed the very same; False if it has no answer.

    Raises:
        AuditRefusedError: Policy does not allow it.
    """
    if terms == desk.audited:
        return True
    try:
        await asyncio.to_thread(desk.auditor.audit, terms, desk.sender)
    except AuditUnavailableError as error:
        desk.telemetry.alarm(Alarm.AUDIT_UNAVAILABLE, str(error), nonce=terms.nonce)
        return False
    desk.audited = terms
    return True


async def sign(
    desk: SenderContext, intent: IntentRecord, kind: AttemptKind, fees: Fees, gas_limit: int
) -> bool:
    """Audit, sign and store an attempt; answers whether it is stored now.

    Nothing is stored that is not what was asked for. Asked twice after a crash, a signer may give
    other bytes; those that were stored first count, and the others never left.
    """
    slot = slot_of(intent)
    terms = terms_of(intent, slot, kind, fees, gas_limit)
    try:
        if not await audit(desk, terms) or await is_paused(desk):
            return False
        signed = await asyncio.to_thread(desk.signer.sign, terms)
    except AuditRefusedError as error:
        desk.telemetry.alarm(Alarm.AUDIT_REFUSED, str(error), intent=intent.intent_id)
        await _refuse(desk, intent, slot, str(error), lasting=True)
        return False
    except SILENT as error:
        desk.telemetry.alarm(Alarm.SIGNER_UNAVAILABLE, str(error), intent=intent.intent_id)
        return False
    except SignerRefusedError as error:
        desk.telemetry.alarm(Alarm.SIGNER_DENIED, str(error), intent=intent.intent_id)
        await _refuse(desk, intent, slot, str(error), lasting=False)
        return False
    except UNTRUSTED as error:
        desk.telemetry.alarm(Alarm.SIGNER_WRONG, str(error), intent=intent.intent_id)
        await desk.write(desk.ledger.pause, f"the signer cannot be trusted: {error}")
        return False
    attempt_id = await desk.write(desk.ledger.store, slot.slot_id, _stored(kind, terms, signed))
    facts = {"intent": intent.intent_id, "nonce": slot.nonce, "attempt": attempt_id}
    desk.telemetry.event("signed", kind=kind, **facts)
    return True


async def forget_bump(desk: SenderContext, intent: IntentRecord) -> None:
    """A bump that may not be is not asked for in every pass again."""
    if intent.wanted is RequestedAction.BUMP:
        await desk.write(desk.ledger.want, intent.intent_id, None)


async def _refuse(
    desk: SenderContext, intent: IntentRecord, slot: NonceSlot, reason: str, *, lasting: bool
) -> None:
    """Give the nonce back where nothing is signed for it; otherwise what was sent stands."""
    if slot.attempts:
        await forget_bump(desk, intent)
        return
    if lasting:
        await reject(desk, intent.intent_id, reason)
    else:
        await desk.write(desk.ledger.block, intent.intent_id, Hold.DENIED, reason)


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
    desk: SenderContext, intent: IntentRecord, slot: NonceSlot, attempt: SlotAttempt
) -> bool:
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


def _given(desk: SenderContext, attempt: SlotAttempt) -> Signed | EncryptedPayload:
    signed = attempt.signed
    if signed.sealed is not None and signed.raw is None:
        return signed.sealed
    return Signed(signed.raw or "", signed.transaction_hash or "", desk.sender)
