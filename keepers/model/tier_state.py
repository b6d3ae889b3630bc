"""State of a tiered vault, and the events since its last plan."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias

from keepers.model.errors import InputError
from keepers.model.tier_config import Tier, TierValues


@dataclass(frozen=True, slots=True)
class Subscription:
    """Event of a new deposit; `amount` in base units of the settlement token."""

    amount: int


@dataclass(frozen=True, slots=True)
class PriceMove:
    """Event of a price change by a fraction: -1/20 is a fall of 5 %."""

    asset: str
    change: Fraction


@dataclass(frozen=True, slots=True)
class WindowOpen:
    """Event of an asset that can be bought or redeemed again."""

    asset: str


@dataclass(frozen=True, slots=True)
class Maturity:
    """Event of an asset's repayment; `amount` in base units of the settlement token."""

    asset: str
    amount: int


Event: TypeAlias = Subscription | PriceMove | WindowOpen | Maturity


@dataclass(frozen=True, slots=True)
class Settlement:
    """Settlement token: unit of account and payment token of a vault."""

    symbol: str
    decimals: int


@dataclass(frozen=True, slots=True)
class TierHolding:
    """Asset of a tier; `value` in base units of the settlement token."""

    asset: str
    tier: Tier
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TierState:
    """Snapshot of a vault; amounts in base units of the settlement token.

    Attributes:
        settlement: The token in which all values are expressed.
        values: Value of each tier.
        redemptions_due: Amount owed to depositors within the horizon.
        holdings: Assets monitored for concentration, each at most once.
        events: Events, in the order in which they are reported.

    Raises:
        InputError: An asset is listed twice, or a price move is for an asset that is not held.
    """

    settlement: Settlement
    values: TierValues
    redemptions_due: int = 0
    holdings: tuple[TierHolding, ...] = ()
    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        held: set[str] = set()
        for index, holding in enumerate(self.holdings):
            if holding.asset in held:
                raise InputError(f"holdings[{index}].asset", f"{holding.asset!a} is held twice")
            held.add(holding.asset)
        for index, event in enumerate(self.events):
            if isinstance(event, PriceMove) and event.asset not in held:
                raise InputError(f"events[{index}].asset", f"{event.asset!a} is not held")

    @property
    def total(self) -> int:
        """Return the value of the vault."""
        return sum(self.values)

    @property
    def liquid(self) -> int:
        """Return the value of L1 and L2, from which redemptions are expected to be paid."""
        return self.values[Tier.L1] + self.values[Tier.L2]
