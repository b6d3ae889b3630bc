"""Orders that serve the legs of a plan."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from keepers.model.order import AssetPosition, Order, OrderKind, OrderList, Shortfall
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TierAction
from keepers.planning.orders.book import Entry, TierPositions, spread


def fund(sales: Sequence[int], purchases: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Fund purchases from sales, both in order; each sale is spent before the next.

    Args:
        sales: Proceeds of each sale in base units.
        purchases: Amount spent by each purchase; the total is at most the proceeds.

    Returns:
        For each purchase, the sales that fund it, as pairs of index and amount.
    """
    left = list(sales)
    funding: list[list[tuple[int, int]]] = []
    for purchase in purchases:
        drawn: list[tuple[int, int]] = []
        for index, available in enumerate(left):
            taken = min(available, purchase - sum(amount for _, amount in drawn))
            if taken > 0:
                drawn.append((index, taken))
                left[index] -= taken
        funding.append(drawn)
    return funding


def plan_orders(
    legs: Sequence[TierAction], positions: Iterable[AssetPosition], minimum: int
) -> OrderList:
    """Return the sales and purchases of positions that serve every leg; pure, in integers.

    Sales come from the most overweight positions (relative to the tier after all legs), then the
    cheapest exit, then the largest liquidity. Purchases go to the widest gaps, up to each
    position's cap. Cash in L1 is neither sold nor bought. A leg between L2 and L3 becomes sales and
    dependent purchases of the same total.

    Args:
        legs: The actions of a tier plan, in order.
        positions: The positions of L2 and L3, in any order.
        minimum: The smallest order in base units of the settlement token; a smaller leg may have
            smaller orders.

    Returns:
        Orders and shortfalls; per leg they add up to its amount.
    """
    book = TierPositions(positions, legs)
    orders: list[Order] = []
    shortfalls: list[Shortfall] = []
    for index, leg in enumerate(legs):
        match = _match(book, leg, min(minimum, leg.amount))
        orders.extend(_orders(match, leg, index, first=len(orders)))
        if match.placed < leg.amount:
            missing = leg.amount - match.placed
            shortfalls.append(Shortfall(leg=index, kind=match.short_of, amount=missing))
    return OrderList(tuple(orders), tuple(shortfalls))


@dataclass(frozen=True, slots=True)
class _Match:
    """Sales and purchases of a leg as entries with amounts; the list for a cash side is empty."""

    sales: list[tuple[Entry, int]]
    purchases: list[tuple[Entry, int]]
    placed: int
    short_of: OrderKind


def _match(book: TierPositions, leg: TierAction, minimum: int) -> _Match:
    """Divide a leg on both sides; the side with less room lowers the other until both agree."""
    givers = book.most_overweight_first(leg.from_tier)
    takers = book.widest_gap_first(leg.to_tier)
    amount, short_of = leg.amount, OrderKind.PURCHASE
    while True:
        sold = _sales(givers, leg, amount, minimum)
        raised = amount if leg.from_tier is Tier.L1 else sum(sold)
        if amount == leg.amount and raised < amount:
            short_of = OrderKind.SALE
        bought = _purchases(takers, leg, raised, minimum)
        placed = raised if leg.to_tier is Tier.L1 else sum(bought)
        if placed == raised:
            sales = _with_amounts(givers, sold)
            return _Match(sales, _with_amounts(takers, bought), placed, short_of)
        amount = placed


def _sales(givers: list[Entry], leg: TierAction, amount: int, minimum: int) -> list[int]:
    if leg.from_tier is Tier.L1:
        return []
    return spread(amount, [entry.sale_slot() for entry in givers], minimum)


def _purchases(takers: list[Entry], leg: TierAction, amount: int, minimum: int) -> list[int]:
    if leg.to_tier is Tier.L1:
        return []
    return spread(amount, [entry.purchase_slot(amount) for entry in takers], minimum)


def _with_amounts(entries: list[Entry], amounts: list[int]) -> list[tuple[Entry, int]]:
    return [(entry, part) for entry, part in zip(entries, amounts, strict=False) if part > 0]


def _orders(match: _Match, leg: TierAction, index: int, *, first: int) -> Iterable[Order]:
    proceeds = [amount for _, amount in match.sales]
    funding = fund(proceeds, [amount for _, amount in match.purchases])
    for entry, amount in match.sales:
        yield _sale(entry, amount, leg, index)
    for (entry, amount), drawn in zip(match.purchases, funding, strict=True):
        entry.buy(amount)
        yield Order(
            kind=OrderKind.PURCHASE,
            asset=entry.position.asset,
            tier=entry.position.tier,
            method=entry.position.method,
            amount=amount,
            quantity=None,
            priority=leg.priority,
            leg=index,
            depends_on=tuple(first + sale for sale, _ in drawn),
            funding=tuple(spent for _, spent in drawn),
            reason=f"{leg.from_tier.name} to {leg.to_tier.name}: among the widest gaps",
        )


def _sale(entry: Entry, amount: int, leg: TierAction, index: int) -> Order:
    return Order(
        kind=OrderKind.SALE,
        asset=entry.position.asset,
        tier=entry.position.tier,
        method=entry.position.method,
        amount=amount,
        quantity=entry.sell(amount),
        priority=leg.priority,
        leg=index,
        reason=f"{leg.from_tier.name} to {leg.to_tier.name}: among the most overweight",
    )
