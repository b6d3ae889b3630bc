"""A way of an asset from one network of the exchange to another."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from keepers.bridges.arrival import InboxLane


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeLane(InboxLane):
    """Attributes beside those of `InboxLane`.

    Attributes:
        source_network: The exchange's name of the source, as `ARBITRUM`.
        destination_network: Its name of the destination, as `ETH`.
        deposit_address: Where our route on the source sends; the exchange must name the same.
        unlock_seconds: How long a deposit takes until it can be withdrawn, as a rule.
    """

    source_network: str
    destination_network: str
    deposit_address: str
    unlock_seconds: Fraction = Fraction(20 * 60)
