"""What the positions of a tier are worth while orders are being made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.order import Position
from keepers.model.tier import Tier
from keepers.model.tier_plan import TierAction
from keepers.planning.orders.spread import Slot


@dataclass(slots=True)
class Entry:
    """A position, its ideal value once all legs are done, and what orders made of it so far."""

    position: Position
    ideal: Fraction
    value: int
    sold: int = 0
    quantity_sold: int = 0

    @property
    def excess(self) -> Fraction:
        """What it is above its ideal value; negative below it."""
        return self.value - self.ideal

    def sale_slot(self) -> Slot:
        """What it should give, rounded down, and what it can."""
        room = min(self.value, max(0, self.position.exit_liquidity - self.sold))
        return Slot(wanted=max(0, int(self.excess)), room=room)

    def purchase_slot(self, amount: int) -> Slot:
        """What it should take, rounded down, and what it can; nothing without a target weight."""
        cap = self.position.cap
        room = amount if cap is None else max(0, cap - self.value)
        if self.position.target_weight == 0:
            room = 0
        return Slot(wanted=max(0, int(-self.excess)), room=room)

    def sell(self, amount: int) -> int:
        """Note a sale.

        Returns:
            The units of the asset that it takes, rounded down; the rest of them when nothing of
            the value is left, so that no dust stays behind.
        """
        self.value -= amount
        self.sold += amount
        position = self.position
        if self.value == 0:
            quantity = position.balance - self.quantity_sold
        else:
            quantity = position.balance * amount // position.value
        self.quantity_sold += quantity
        return quantity

    def buy(self, amount: int) -> None:
        """Note a purchase."""
        self.value += amount


class Book:
    """The entries of all tiers."""

    def __init__(self, positions: Iterable[Position], legs: Sequence[TierAction]) -> None:
        self._entries: dict[Tier, list[Entry]] = {tier: [] for tier in Tier}
        held = list(positions)
        for tier in Tier:
            inside = [position for position in held if position.tier is tier]
            self._entries[tier] = _entries(inside, _change(tier, legs))

    def most_overweight_first(self, tier: Tier) -> list[Entry]:
        """In the order of sales: then the cheapest exit, then the largest liquidity, then name."""
        return sorted(self._entries[tier], key=_sale_order)

    def widest_gap_first(self, tier: Tier) -> list[Entry]:
        """In the order of purchases: then by name."""
        return sorted(self._entries[tier], key=_purchase_order)


def _entries(inside: list[Position], change: int) -> list[Entry]:
    weights = Fraction(sum(Fraction(position.target_weight) for position in inside))
    total = max(0, sum(position.value for position in inside) + change)
    return [
        Entry(
            position=position,
            ideal=total * Fraction(position.target_weight) / weights if weights else Fraction(0),
            value=position.value,
        )
        for position in inside
    ]


def _change(tier: Tier, legs: Sequence[TierAction]) -> int:
    into = sum(leg.amount for leg in legs if leg.to_tier is tier)
    return into - sum(leg.amount for leg in legs if leg.from_tier is tier)


def _sale_order(entry: Entry) -> tuple[Fraction, Fraction, int, str]:
    position = entry.position
    cost = Fraction(position.exit_cost)
    return -entry.excess, cost, -position.exit_liquidity, position.asset


def _purchase_order(entry: Entry) -> tuple[Fraction, str]:
    return entry.excess, entry.position.asset
