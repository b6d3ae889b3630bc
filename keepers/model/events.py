"""What may have happened since the last plan and call for a new one."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias


@dataclass(frozen=True, slots=True)
class Subscription:
    """New money came in; `amount` in base units of the settlement token."""

    amount: int


@dataclass(frozen=True, slots=True)
class PriceMove:
    """The price of a holding changed by a fraction: -1/20 is a fall of 5 %."""

    asset: str
    change: Fraction


@dataclass(frozen=True, slots=True)
class WindowOpen:
    """An asset can be bought or redeemed again."""

    asset: str


@dataclass(frozen=True, slots=True)
class Maturity:
    """An asset pays back; `amount` in base units of the settlement token."""

    asset: str
    amount: int


Event: TypeAlias = Subscription | PriceMove | WindowOpen | Maturity
