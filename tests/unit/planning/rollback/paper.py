"""Simulated vault that executes orders at fixed prices, with a fee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from keepers.model.order import AssetPosition, Order, OrderKind
from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import Executed
from keepers.model.tier_state import Settlement, TierState

CONFIG = TierConfig.for_token(0, amounts={"rebalance_min_amount": 0})
ONE = Fraction(1)


@dataclass
class Asset:
    """Holding; its price is in settlement base units per unit."""

    tier: Tier
    units: int
    price: Fraction = ONE
    weight: int = 5_000
    exit: int | None = None
    cap: int | None = None

    @property
    def value(self) -> int:
        return int(self.units * self.price)


@dataclass
class Paper:
    """Cash and holdings by name; a trade costs a fee on its amount."""

    cash: int
    assets: dict[str, Asset]
    fee: Fraction = Fraction(0)
    redemptions_due: int = 0
    spent: int = 0
    failing: set[int] = field(default_factory=set[int])

    @property
    def values(self) -> TierValues:
        worth = {
            tier: sum(each.value for each in self.assets.values() if each.tier is tier)
            for tier in (Tier.L2, Tier.L3)
        }
        return self.cash, worth[Tier.L2], worth[Tier.L3]

    def state(self) -> TierState:
        return TierState(
            settlement=Settlement("USDT", 0),
            values=self.values,
            redemptions_due=self.redemptions_due,
        )

    def positions(self) -> list[AssetPosition]:
        return [
            AssetPosition(
                asset=name,
                tier=each.tier,
                method="SWAP",
                value=each.value,
                balance=each.units,
                target_weight=each.weight,
                exit_cost=0,
                exit_liquidity=each.value if each.exit is None else each.exit,
                cap=each.cap,
            )
            for name, each in self.assets.items()
        ]

    def run(self, orders: Sequence[Order]) -> tuple[Executed, ...]:
        """Execute orders by priority; skip orders that depend on a failed one."""
        done: dict[int, Executed] = {}
        for index, order in sorted(enumerate(orders), key=lambda each: (each[1].priority, each[0])):
            if index in self.failing or any(sale not in done for sale in order.depends_on):
                continue
            received = self._trade(order, orders, done)
            done[index] = Executed(
                index=index,
                kind=order.kind,
                asset=order.asset,
                tier=order.tier,
                planned=order.amount,
                received=received,
                depends_on=order.depends_on,
                funding=order.funding,
            )
        return tuple(done.values())

    def _trade(self, order: Order, orders: Sequence[Order], done: dict[int, Executed]) -> int:
        asset = self.assets[order.asset]
        if order.kind is OrderKind.SALE:
            units = order.quantity or 0
            assert units <= asset.units
            received = int(units * asset.price * (1 - self.fee))
            asset.units -= units
            self.cash += received
            self.spent += int(units * asset.price)
            return received
        amount = order.amount
        if order.depends_on:
            amount = sum(
                min(spent, done[sale].received * spent // orders[sale].amount)
                for sale, spent in zip(order.depends_on, order.funding, strict=True)
            )
        assert amount <= self.cash
        received = int(amount * (1 - self.fee) / asset.price)
        asset.units += received
        self.cash -= amount
        self.spent += amount
        return received
