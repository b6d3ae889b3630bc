"""Exact amount to send for an amount that arrives.

Fees are taken from what is sent: a fixed part, and a share that is rounded up to a unit. What is
left can be any whole number of units, so the least amount that suffices is a closed form.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS


@dataclass(frozen=True, slots=True, kw_only=True)
class Tariff:
    """Fees and limits of a bridge, in units of the source's token.

    Attributes:
        fixed: Taken from each transfer.
        bps: Taken besides, in basis points of the amount, rounded up; below 10,000.
        step: Amounts are whole multiples of it.
        minimum: Least amount that can be sent; 0 without one.
        maximum: Most that can be sent at once; None without one.

    Raises:
        InputError: A bound is negative, or everything would be taken.
    """

    fixed: int = 0
    bps: Fraction = Fraction(0)
    step: int = 1
    minimum: int = 0
    maximum: int | None = None

    def __post_init__(self) -> None:
        if self.fixed < 0 or not 0 <= self.bps < WHOLE_BPS:
            raise InputError("fee", "must be at least 0 and below the whole")
        if self.step < 1 or self.minimum < 0:
            raise InputError("step", "and minimum must not be negative, and a step not 0")

    def fee(self, amount: int) -> int:
        """Return the fee on an amount."""
        return self.fixed - int(-self.bps * amount // WHOLE_BPS)

    def arriving(self, amount: int) -> int:
        """Return the amount less its fee; at least 0."""
        return max(0, amount - self.fee(amount))

    def least_for(self, wanted: int) -> int:
        """The least amount of which so much is left, the minimum heeded and the maximum not."""
        kept = WHOLE_BPS - self.bps
        needed = int(-(-(wanted + self.fixed) * WHOLE_BPS // kept))
        return _up(max(needed, self.minimum), self.step)

    def most(self) -> int | None:
        """The largest amount that can be sent at once."""
        return None if self.maximum is None else self.maximum // self.step * self.step


def to_units(amount: int, decimals: int, wanted: int) -> int:
    """An amount in the units of another token, rounded up, as a need is."""
    if wanted >= decimals:
        return amount * 10 ** (wanted - decimals)
    return -(-amount // 10 ** (decimals - wanted))


def to_units_down(amount: int, decimals: int, wanted: int) -> int:
    """An amount in the units of another token, rounded down, as what arrives is."""
    return int(Fraction(amount) * Fraction(10) ** (wanted - decimals) // 1)


def _up(amount: int, step: int) -> int:
    return -(-amount // step) * step
