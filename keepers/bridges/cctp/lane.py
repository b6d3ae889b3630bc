"""A way of USDC between two chains by CCTP."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.bridges.lane import Lane

BURN_LIMIT = 10_000_000 * 10**6
"""The most that Circle documents for one burn, in units of USDC."""


NOBODY = "0x" + "00" * 20
"""No account."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CctpLane(Lane):
    """Attributes beside those of `Lane`.

    Attributes:
        source_domain: Circle's number of the source, as `destination_domain` is.
        transmitter: The message transmitter on the source.
        keeper: Who signs on the source; Circle may have it on its deny list. `NOBODY` where it is
            not known.
        fast: Whether the fast way may be taken where there is one.
        fee_margin: How much above the quoted fee may be paid, as a part of it: fees move.
        max_fee_bps: The most that our route lets through.
        fast_seconds: How long the fast way takes, as a rule.
        standard_seconds: How long the other one takes.
    """

    source_domain: int
    destination_domain: int
    transmitter: str
    keeper: str = NOBODY
    fast: bool = False
    fee_margin: Fraction = Fraction(1, 10)
    max_fee_bps: int = 15
    fast_seconds: Fraction = Fraction(20)
    standard_seconds: Fraction = Fraction(19 * 60)
