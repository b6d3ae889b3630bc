"""Positions of a tier during order planning, and division of amounts over them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from keepers.model.order import AssetPosition
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TierAction


@dataclass(frozen=True, slots=True)
class Recipient:
    """A recipient of part of an amount: `wanted` corrects its weight, `room` is its capacity."""

    wanted: int
    room: int


def spread(amount: int, slots: Sequence[Recipient], minimum: int) -> list[int]:
    """Divide an amount over slots, first by `wanted`, then by `room`.

    No part is below the minimum. What no slot can take, or only in too small a part, is left out,
    so the sum may be less than the amount.

    Args:
        amount: Amount to divide, in base units.
        slots: The recipients in order of preference.
        minimum: The smallest part allowed.

    Returns:
        One part per slot; 0 for none.
    """
    parts = [0] * len(slots)
    rooms = [slot.room for slot in slots]
    wanted = [min(slot.wanted, slot.room) for slot in slots]
    left = _fill(parts, wanted, amount, range(len(slots)))
    in_use_first = sorted(range(len(slots)), key=lambda index: parts[index] == 0)
    _fill(parts, rooms, left, in_use_first)
    for index in reversed(range(len(slots))):
        if parts[index] < minimum:
            _remove_dust(parts, rooms, index, minimum)
    return parts


def _fill(parts: list[int], limits: Sequence[int], left: int, order: Iterable[int]) -> int:
    for index in order:
        more = min(left, limits[index] - parts[index])
        parts[index] += more
        left -= more
    return left


def _remove_dust(parts: list[int], rooms: Sequence[int], index: int, minimum: int) -> None:
    """Merge a too small part into others; else raise it; else merge as much as fits."""
    dust, parts[index] = parts[index], 0
    in_use = [other for other, part in enumerate(parts) if part > 0]
    fits = sum(rooms[other] - parts[other] for other in in_use) >= dust
    if fits or not _raise(parts, index, rooms[index], dust, minimum):
        _fill(parts, rooms, dust, in_use)


def _raise(parts: list[int], index: int, room: int, dust: int, minimum: int) -> bool:
    """Raise a part to the minimum from what others have above it; return whether possible."""
    spare = [max(0, part - minimum) for part in parts]
    missing = minimum - dust
    if room < minimum or sum(spare) < missing:
        return False
    for other, most in enumerate(spare):
        taken = min(missing, most)
        parts[other] -= taken
        missing -= taken
    parts[index] = minimum
    return True


@dataclass(slots=True)
class Entry:
    """A position, its ideal value after all legs, and the effect of the orders so far."""

    position: AssetPosition
    ideal: Fraction
    value: int
    sold: int = 0
    quantity_sold: int = 0

    @property
    def excess(self) -> Fraction:
        """Return the value above the ideal one; negative if below."""
        return self.value - self.ideal

    def sale_slot(self) -> Recipient:
        """Return the amount to sell, rounded down, and the capacity."""
        room = min(self.value, max(0, self.position.exit_liquidity - self.sold))
        return Recipient(wanted=max(0, int(self.excess)), room=room)

    def purchase_slot(self, amount: int) -> Recipient:
        """Return the amount to buy, rounded down, and the capacity; 0 without target weight."""
        cap = self.position.cap
        room = amount if cap is None else max(0, cap - self.value)
        if self.position.target_weight == 0:
            room = 0
        return Recipient(wanted=max(0, int(-self.excess)), room=room)

    def sell(self, amount: int) -> int:
        """Record a sale.

        Returns:
            Units of the asset sold, rounded down; all remaining units if no value is left, so that
            no dust remains.
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
        """Record a purchase."""
        self.value += amount


class TierPositions:
    """The entries of all tiers."""

    def __init__(self, positions: Iterable[AssetPosition], legs: Sequence[TierAction]) -> None:
        self._entries: dict[Tier, list[Entry]] = {tier: [] for tier in Tier}
        held = list(positions)
        for tier in Tier:
            inside = [position for position in held if position.tier is tier]
            self._entries[tier] = _entries(inside, _change(tier, legs))

    def most_overweight_first(self, tier: Tier) -> list[Entry]:
        """Return entries in order of sales: excess, cheapest exit, largest liquidity, name."""
        return sorted(self._entries[tier], key=_sale_order)

    def widest_gap_first(self, tier: Tier) -> list[Entry]:
        """Return entries in order of purchases: widest gap, then name."""
        return sorted(self._entries[tier], key=_purchase_order)


def _entries(inside: list[AssetPosition], change: int) -> list[Entry]:
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
