"""Upper estimate of a route's fee from one or two quotes, so that no transfer arrives short.

Bridges charge a fixed part and a share, rounded up. A line through two quotes, raised above both
and by one unit for rounding, is never below such a fee. Without a second quote, the first quote's
fee applies to all smaller amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.money import WHOLE_BPS


@dataclass(frozen=True, slots=True)
class FeePoint:
    """Fee quoted for an amount, both in units of the source token."""

    send: int
    fee: int


@dataclass(frozen=True, slots=True)
class LinearFee:
    """A fixed part in units plus basis points of the amount, rounded up to a unit."""

    fixed: int
    bps: Fraction

    def of(self, send: int) -> int:
        """Return the fee on an amount."""
        return self.fixed - int(-self.bps * send // WHOLE_BPS)


def linear_fee(larger: FeePoint, smaller: FeePoint | None = None) -> LinearFee:
    """Return a fee of at least the quotes, valid between the two amounts and below the larger.

    Args:
        larger: The quote for the maximum amount.
        smaller: A quote for a smaller amount.
    """
    if smaller is None or smaller.send >= larger.send or smaller.fee >= larger.fee:
        dearest = larger.fee if smaller is None else max(larger.fee, smaller.fee)
        return LinearFee(dearest, Fraction(0))
    share = Fraction(larger.fee - smaller.fee, larger.send - smaller.send)
    share = min(share, Fraction(WHOLE_BPS - 1, WHOLE_BPS))
    above = max(Fraction(0), *(each.fee - share * each.send for each in (larger, smaller)))
    return LinearFee(int(-(-above // 1)) + 1, share * WHOLE_BPS)
