"""Bounds on the shares of an investment (least) and a divestment (most)."""

from __future__ import annotations

from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.treasury import VenuePosition


def least_shares(position: VenuePosition | None, amount: int, tolerance_bps: int) -> int:
    """At the price of what is in the venue already, less a tolerance, rounded down.

    Where nothing is in it there is no price to compare with, and the treasury's own bound on what
    an investment loses is all there is: 0.
    """
    if position is None or position.value == 0:
        return 0
    kept = Fraction(WHOLE_BPS - tolerance_bps, WHOLE_BPS)
    return int(Fraction(amount * position.shares, position.value) * kept)


def most_shares(position: VenuePosition, amount: int, tolerance_bps: int) -> int:
    """At the same price and a tolerance more, rounded up, and no more than there are."""
    more = Fraction(WHOLE_BPS + tolerance_bps, WHOLE_BPS)
    needed = -(-Fraction(amount * position.shares, max(position.value, 1)) * more // 1)
    return min(position.shares, int(needed))
