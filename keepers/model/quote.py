"""Quotes of a market for orders that are not made yet."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.order import OrderKind
from keepers.model.vault import VaultPosition


@dataclass(frozen=True, slots=True)
class QuoteRequest:
    """A sale of `amount_in` asset units, or a purchase for `amount_in` settlement units."""

    kind: OrderKind
    position: VaultPosition
    amount_in: int


@dataclass(frozen=True, slots=True)
class Quote:
    """Amount `out` of the market, and the oracle's `expected` one, in the same units.

    For an ERC-4626 fund the expectation is its own rate without fees. `problem` says why there is
    no quote, None where there is one.
    """

    amount_in: int
    out: int
    expected: int
    problem: str | None = None

    @property
    def slippage_bps(self) -> Fraction:
        """Return the loss against the oracle's value in basis points; negative for a gain."""
        if self.expected == 0:
            return Fraction(WHOLE_BPS if self.amount_in else 0)
        return Fraction((self.expected - self.out) * WHOLE_BPS, self.expected)


@dataclass(frozen=True, slots=True)
class TradingRoom:
    """Liquidity of a position now, in settlement base units; None for no limit.

    `no_exit` and `no_entry` say why it cannot be sold or bought at all, None where it can.
    """

    exit: int | None
    entry: int | None
    no_exit: str | None = None
    no_entry: str | None = None

    @classmethod
    def closed(cls, problem: str) -> TradingRoom:
        """No room in either direction."""
        return cls(0, 0, problem, problem)
