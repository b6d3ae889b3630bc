"""The fee ladder of a nonce: each attempt pays more than those before it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.transactions.details import AttemptTimes, TransactionDetails
from keepers.model.transactions.records import NonceSlot, SlotAttempt
from keepers.reports.amounts import grouped, percent

GWEI_DECIMALS = 9


@dataclass(frozen=True, slots=True)
class Rung:
    """An attempt, its times, and by how much its fees rise above the attempt before.

    Attributes:
        rise: Of the most that it pays for a unit of gas; None for the first.
        tip_rise: Of its tip; None for the first, and above a tip of nothing.
    """

    attempt: SlotAttempt
    times: AttemptTimes
    rise: Fraction | None
    tip_rise: Fraction | None


def ladder(overview: TransactionDetails, slot: NonceSlot) -> Iterator[Rung]:
    """The attempts of a nonce in the order of their making."""
    before: SlotAttempt | None = None
    for each in slot.attempts:
        fees = each.signed.fees
        rises: tuple[Fraction | None, Fraction | None] = (None, None)
        if before is not None:
            old = before.signed.fees
            rises = (_rise(old.maximum, fees.maximum), _rise(old.priority, fees.priority))
        yield Rung(each, overview.times[each.attempt_id], *rises)
        before = each


def gwei(wei: int) -> str:
    """Wei as gwei, in full."""
    text = grouped(wei, GWEI_DECIMALS, GWEI_DECIMALS)
    return text.rstrip("0").rstrip(".")


def rise_text(rise: Fraction | None) -> str:
    """A rise with its sign: `+12.50 %`."""
    return "" if rise is None else f"{'+' if rise >= 0 else ''}{percent(rise)}"


def _rise(old: int, new: int) -> Fraction | None:
    return None if old == 0 else Fraction(new - old, old)
