"""Transactions that wait for a lower gas price, by the engine's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.model.chain_view import FeeMarket, next_fees
from keepers.model.transaction_details import TransactionDetails
from keepers.model.transaction_records import IntentRecord, NonceSlot, SlotAttempt
from keepers.model.transaction_states import AttemptKind, AttemptState, IntentState
from keepers.transactions.sender_context import SendingPolicy
from keepers.transactions.terms import WAITING, is_to_be_cancelled, next_kind

UNINCLUDED = WAITING | {
    IntentState.NUMBERED,
    IntentState.SIGNED,
    IntentState.SEALED,
    IntentState.BROADCAST,
}
"""States of an intent that is neither included nor blocked."""


@dataclass(frozen=True, slots=True)
class PriceWait:
    """Prices that a transaction waits for, in wei per unit of gas.

    Attributes:
        admitted: Base fee at or below which it continues.
        limit: Maximum in the settings for its kind: call or cancellation.
    """

    admitted: int
    limit: int


def price_wait(
    overview: TransactionDetails, base_fee: int, policy: SendingPolicy
) -> PriceWait | None:
    """Return the price that a transaction waits for.

    Bytes with too low fees wait only if the limits allow no higher fees.

    Returns:
        None if the current price lets it continue, or if another reason stops it.
    """
    record, market = overview.record, FeeMarket(base_fee, 0)
    if record.state not in UNINCLUDED:
        return None
    slot = record.live_slot
    limits = policy.fees if slot is None else policy.limits_of(_next_kind(record, slot))
    standing = () if slot is None else _standing(slot)
    paid = max((each.signed.max_fee_per_gas for each in standing), default=None)
    before = () if slot is None else [each.signed.fees for each in slot.attempts]
    if next_fees(before, market, limits) is not None:
        return None
    if paid is not None:
        return None if base_fee <= paid else PriceWait(paid, limits.maximum)
    # Without signed bytes it waits for the limit, unless that has passed or it is paused.
    return None if before or overview.pauses else PriceWait(limits.maximum, limits.maximum)


def _next_kind(record: IntentRecord, slot: NonceSlot) -> AttemptKind:
    return next_kind(slot, cancel=is_to_be_cancelled(record, slot))


def _standing(slot: NonceSlot) -> Sequence[SlotAttempt]:
    return [each for each in slot.attempts if each.state is not AttemptState.REFUSED]
