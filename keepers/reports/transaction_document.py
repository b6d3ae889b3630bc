"""JSON document of a transaction: amounts in wei as strings, times in UTC, unrounded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.chain.codec import describe_call
from keepers.model.json_document import Json
from keepers.model.transaction_details import (
    STATES,
    HistoryEntry,
    TransactionDetails,
    comes_next,
    reorganisation_of,
    waits_for,
)
from keepers.model.transaction_records import Inclusion, NonceSlot, Pause, SlotAttempt
from keepers.reports.amounts import exact, grouped, iso_time, percent

GWEI_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Rung:
    """An attempt and its fee rise over the previous attempt.

    Attributes:
        rise: Rise of the maximum fee per gas; None for the first attempt.
        tip_rise: Rise of the tip; None for the first attempt, or if the previous tip is 0.
    """

    attempt: SlotAttempt
    rise: Fraction | None
    tip_rise: Fraction | None


def ladder(slot: NonceSlot) -> Iterator[Rung]:
    """Yield the attempts of a nonce in order of creation."""
    before: SlotAttempt | None = None
    for each in slot.attempts:
        fees = each.signed.fees
        rises: tuple[Fraction | None, Fraction | None] = (None, None)
        if before is not None:
            old = before.signed.fees
            rises = (_rise(old.maximum, fees.maximum), _rise(old.priority, fees.priority))
        yield Rung(each, *rises)
        before = each


def gwei(wei: int) -> str:
    """Format wei as gwei, unrounded."""
    text = grouped(wei, GWEI_DECIMALS, GWEI_DECIMALS)
    return text.rstrip("0").rstrip(".")


def rise_text(rise: Fraction | None) -> str:
    """Format a rise with its sign: `+12.50 %`."""
    return "" if rise is None else f"{'+' if rise >= 0 else ''}{percent(rise)}"


def _rise(old: int, new: int) -> Fraction | None:
    return None if old == 0 else Fraction(new - old, old)


def transaction_brief(details: TransactionDetails) -> dict[str, Json]:
    """Return the list entry of a transaction."""
    record, newest = details.record, details.decisive
    return {
        "id": record.intent_id,
        "state": record.state.value,
        "state_in_words": STATES[record.state],
        "vault": details.vault,
        "run": details.step.run_id,
        "step": details.step.position,
        "step_kind": details.step.kind,
        "chain_id": record.intent.chain_id,
        "sender": record.intent.sender,
        "nonce": details.nonce,
        "transaction": None if newest is None else newest.signed.transaction_hash,
        "attempts": len(details.attempts),
        "fee_paid_wei": exact(details.fee_paid),
        "fee_offered_wei": exact(details.fee_offered),
        "created_at": details.created_at.isoformat(),
        "age_seconds": int(details.age.total_seconds()),
        "hold": record.hold,
        "wanted": record.wanted,
        "reason": record.reason,
        "waits_for": waits_for(details),
    }


def transaction_document(
    details: TransactionDetails, history: Sequence[HistoryEntry]
) -> dict[str, Json]:
    """Return the full document of a transaction."""
    new = details.record.intent
    call = describe_call(new.calldata)
    intent: dict[str, Json] = {
        "key": new.idempotency_key,
        "target": new.target,
        "function": None if call is None else call.function,
        "arguments": None if call is None else dict[str, Json](call.arguments),
        "calldata": new.calldata,
        "value_wei": str(new.value),
        "gas_limit": details.record.gas_limit,
        "gas_cap": new.gas_cap,
        "expires_at": iso_time(new.expires_at),
    }
    more: dict[str, Json] = {
        "intent": intent,
        "nonces": list[Json]([_slot(slot) for slot in details.record.slots]),
        "pauses": list[Json]([pause_document(each) for each in details.pauses]),
        "events": list[Json]([_entry_document(each) for each in history]),
        "reorganisation": reorganisation_of(details, history),
        "next": comes_next(details),
    }
    return transaction_brief(details) | more


def pause_document(pause: Pause) -> dict[str, Json]:
    """Return the document of a pause."""
    return {
        "scope": pause.scope,
        "reason": pause.reason,
        "paused_by": pause.paused_by,
        "paused_at": pause.paused_at.isoformat(),
    }


def _slot(slot: NonceSlot) -> dict[str, Json]:
    return {
        "nonce": slot.nonce,
        "state": slot.state.value,
        "seen_at_block": slot.seen_block_number,
        "ladder": [_rung(each) for each in ladder(slot)],
    }


def _rung(rung: Rung) -> dict[str, Json]:
    attempt = rung.attempt
    return {
        "attempt": attempt.attempt_id,
        "position": attempt.position,
        "kind": attempt.signed.kind.value,
        "state": attempt.state.value,
        "transaction": attempt.signed.transaction_hash,
        "gas_limit": attempt.signed.gas_limit,
        "max_fee_per_gas_wei": str(attempt.signed.max_fee_per_gas),
        "max_priority_fee_per_gas_wei": str(attempt.signed.max_priority_fee_per_gas),
        "rise": rise_text(rung.rise) or None,
        "tip_rise": rise_text(rung.tip_rise) or None,
        "stored_at": attempt.stored_at.isoformat(),
        "sealed_at": iso_time(attempt.sealed_at),
        "sent_at": iso_time(attempt.broadcast_at),
        "refused_at": iso_time(attempt.refused_at),
        "sent_in_block": attempt.broadcast_block,
        "receipt": None if attempt.inclusion is None else _receipt(attempt.inclusion),
    }


def _receipt(seen: Inclusion) -> dict[str, Json]:
    return {
        "block": seen.block_number,
        "block_hash": seen.block_hash,
        "succeeded": seen.succeeded,
        "gas_used": seen.gas_used,
        "effective_gas_price_wei": str(seen.effective_gas_price),
        "fee_wei": str(seen.gas_used * seen.effective_gas_price),
    }


def _entry_document(each: HistoryEntry) -> dict[str, Json]:
    return {
        "at": each.at.isoformat(),
        "thing": each.entity,
        "key": each.key,
        "cause": each.cause,
        "from": each.from_state,
        "to": each.to_state,
        "detail": dict(each.detail),
    }
