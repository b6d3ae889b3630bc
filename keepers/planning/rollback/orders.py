"""Orders that undo actions one by one, on the current vault as the orders change it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from keepers.model.money import share_rounded_down, share_rounded_up
from keepers.model.order import AssetPosition, Order, OrderKind, Shortfall
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import Executed
from keepers.model.tier_state import TierState
from keepers.planning.tiers.legs import Leg
from keepers.planning.tiers.triggers import liquid_need

Key = TypeVar("Key")
Funding = list[tuple[int, int]]
"""Sales by position among the orders, with the amount spent of each."""


@dataclass(slots=True)
class ProceedsPool:
    """Proceeds by sale: reserved for a specific purchase, or free.

    The sale that undoes a purchase funds buying back the sales that funded that purchase, so
    dependencies are reversed.
    """

    _free: dict[int, int] = field(default_factory=dict[int, int])
    _kept: dict[tuple[int, int], int] = field(default_factory=dict[tuple[int, int], int])

    def put(self, place: int, amount: int, undone: Executed) -> None:
        """Add a sale's proceeds, reserving them for the sales that funded the undone purchase."""
        whole = sum(undone.funding)
        for sale, spent in zip(undone.depends_on, undone.funding, strict=bool(whole)):
            self._kept[place, sale] = amount * spent // whole
        kept = sum(each for (at, _), each in self._kept.items() if at == place)
        self._free[place] = amount - kept

    def draw(self, undone: Executed, amount: int) -> Funding:
        """Take reserved proceeds for undoing a sale, then free ones, up to an amount."""
        drawn: Funding = []
        own = [key for key in self._kept if key[1] == undone.index]
        taken = _take(self._kept, own, amount)
        left = amount - sum(taken.values())
        more = _take(self._free, list(self._free), left)
        for place in sorted({*(at for at, _ in taken), *more}):
            drawn.append((place, taken.get((place, undone.index), 0) + more.get(place, 0)))
        return drawn


def _take(store: dict[Key, int], keys: Iterable[Key], amount: int) -> dict[Key, int]:
    taken: dict[Key, int] = {}
    for key in keys:
        part = min(store[key], amount - sum(taken.values()))
        if part > 0:
            store[key] -= part
            taken[key] = part
    return taken


PRIORITY = 1
"""Same as a refill: approved by operators, so it waits neither for calm prices nor for a gain."""


@dataclass(slots=True)
class Held:
    """A position as the orders leave it: units, value, and remaining exit liquidity."""

    position: AssetPosition
    units: int
    value: int
    exit: int

    @classmethod
    def of(cls, position: AssetPosition) -> Held:
        """Return the position before any order."""
        return cls(position, position.balance, position.value, position.exit_liquidity)

    @property
    def room(self) -> int | None:
        """Return the room under the cap, negative if above it; None without a cap."""
        cap = self.position.cap
        return None if cap is None else cap - self.value

    def worth(self, units: int) -> int:
        """Return the value of units at the position's own price, rounded down."""
        if units == self.position.balance:
            return self.position.value
        return self.position.value * units // self.position.balance

    def units_of(self, amount: int) -> int:
        """Return the units for an amount, rounded down."""
        return self.position.balance * amount // self.position.value


class RollbackOrders:
    """Builds the orders, one per action, or two if both cash and sales fund a purchase."""

    def __init__(
        self, state: TierState, positions: Iterable[AssetPosition], config: TierConfig
    ) -> None:
        self.orders: list[Order] = []
        self.shortfalls: list[Shortfall] = []
        self.values = list(state.values)
        self._state = state
        self._config = config
        self._held = {(each.asset, each.tier): Held.of(each) for each in positions}
        self._pool = ProceedsPool()
        self._legs: dict[tuple[Tier, Tier], int] = {}
        self._floor = share_rounded_up(config.band(Tier.L1).minimum, state.total)
        self._cash = self.values[Tier.L1] - self._floor

    @property
    def legs(self) -> tuple[Leg, ...]:
        """Return the legs named by the orders, shortfalls included."""
        return tuple(Leg(giver, taker, amount) for (giver, taker), amount in self._legs.items())

    def sell(self, undone: Executed) -> None:
        """Sell what a purchase received, bounded by holdings and exit liquidity."""
        held = self._held.get((undone.asset, undone.tier))
        if held is None or held.position.balance == 0 or held.position.value == 0:
            self._short(undone, undone.planned)
            return
        wanted = held.worth(min(undone.received, held.units))
        amount = min(wanted, held.value, held.exit)
        if amount < min(self._config.rebalance_min_amount, wanted) or amount == 0:
            self._short(undone, wanted)
            return
        units = min(undone.received, held.units)
        if amount < wanted:
            units = held.units_of(amount)
            self._short(undone, wanted - amount)
        held.units -= units
        held.value -= amount
        held.exit -= amount
        self._pool.put(len(self.orders), amount, undone)
        self._add(undone, held.position, amount, units, [])

    def buy(self, undone: Executed) -> None:
        """Spend the sale's proceeds: undone purchases' first, then cash above its minimum.

        No tier exceeds its maximum, no asset its cap, and redemptions stay covered.
        """
        wanted = undone.received
        held = self._held.get((undone.asset, undone.tier))
        if held is None:
            self._short(undone, wanted)
            return
        amount = min(wanted, self._room(held))
        least = min(self._config.rebalance_min_amount, wanted)
        funding = self._pool.draw(undone, amount)
        by_sales = sum(spent for _, spent in funding)
        by_cash = min(amount - by_sales, self._cash)
        placed = 0
        for part, drawn in ((by_sales, funding), (by_cash, [])):
            if part >= least and part > 0:
                self._cash -= 0 if drawn else part
                held.value += part
                placed += part
                self._add(undone, held.position, part, None, drawn)
        self._short(undone, wanted - placed)

    def _room(self, held: Held) -> int:
        """Return what the on-chain rules allow to spend on an asset now; negative if nothing."""
        tier, total = held.position.tier, self._state.total
        rooms = [
            self.values[Tier.L1] - self._floor,
            share_rounded_down(self._config.band(tier).maximum, total) - self.values[tier],
        ]
        if held.room is not None:
            rooms.append(held.room)
        if tier is Tier.L3:
            liquid = self.values[Tier.L1] + self.values[Tier.L2]
            rooms.append(liquid - liquid_need(self._state.redemptions_due, self._config))
        return min(rooms)

    def _add(
        self,
        undone: Executed,
        position: AssetPosition,
        amount: int,
        quantity: int | None,
        funding: Funding,
    ) -> None:
        kind = OrderKind.PURCHASE if undone.kind is OrderKind.SALE else OrderKind.SALE
        sign = 1 if kind is OrderKind.PURCHASE else -1
        self.values[position.tier] += sign * amount
        self.values[Tier.L1] -= sign * amount
        self.orders.append(
            Order(
                kind=kind,
                asset=position.asset,
                tier=position.tier,
                method=position.method,
                amount=amount,
                quantity=quantity,
                priority=PRIORITY,
                leg=self._leg(undone, amount),
                depends_on=tuple(place for place, _ in funding),
                funding=tuple(spent for _, spent in funding),
                reason=f"undoes action {undone.index + 1}",
            )
        )

    def _short(self, undone: Executed, amount: int) -> None:
        kind = OrderKind.PURCHASE if undone.kind is OrderKind.SALE else OrderKind.SALE
        if amount > 0:
            self.shortfalls.append(
                Shortfall(leg=self._leg(undone, amount), kind=kind, amount=amount)
            )

    def _leg(self, undone: Executed, amount: int) -> int:
        """Return the index of the order's leg: sales go to cash, purchases come from it."""
        ends = (Tier.L1, undone.tier) if undone.kind is OrderKind.SALE else (undone.tier, Tier.L1)
        self._legs[ends] = self._legs.get(ends, 0) + amount
        return list(self._legs).index(ends)


def undo(orders: RollbackOrders, executed: Sequence[Executed]) -> None:
    """Add the orders, from the last action to the first."""
    for each in reversed(executed):
        if each.kind is OrderKind.PURCHASE:
            orders.sell(each)
        else:
            orders.buy(each)
