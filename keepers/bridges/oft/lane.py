"""A way of a token between two chains as an omnichain fungible token."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.bridges.lane import Lane


@dataclass(frozen=True, slots=True, kw_only=True)
class OftLane(Lane):
    """Attributes beside those of `Lane`.

    Attributes:
        source_oft: The token's contract of LayerZero on the source.
        destination_oft: The one on the destination.
        tolerance_bps: What may be lost on the way beyond the quoted fee; 0 but for pools.
        max_fee_bps: A larger fee makes the way unavailable.
        least_share: A capacity below this part of what is wanted makes it unavailable.
        seconds: How long it takes, as a rule.
    """

    source_oft: str
    destination_oft: str
    tolerance_bps: Fraction = Fraction(0)
    max_fee_bps: Fraction = Fraction(50)
    least_share: Fraction = Fraction(1, 5)
    shared_decimals: int = 6
    seconds: Fraction = Fraction(180)
