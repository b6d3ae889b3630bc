"""Property tests of the orders of any plan."""

import random
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.order import AssetPosition, OrderKind, OrderList
from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import TierAction, TriggerKind
from keepers.model.tier_state import Settlement, TierState
from keepers.planning.orders import plan_orders
from keepers.planning.orders.book import Recipient, spread
from keepers.planning.tiers import plan_tiers

CONFIG = TierConfig.for_token(0, amounts={"rebalance_min_amount": 0})

amounts = st.integers(0, 500)


@st.composite
def positions(draw: st.DrawFn) -> list[AssetPosition]:
    """Draw up to four positions in each of L2 and L3, some illiquid, some with a cap."""
    return [
        AssetPosition(
            asset=asset,
            tier=tier,
            method="SWAP",
            value=draw(amounts),
            balance=draw(amounts),
            target_weight=draw(st.sampled_from([0, 1, 2500, 5000])),
            exit_cost=draw(st.sampled_from([0, 10, 20])),
            exit_liquidity=draw(st.sampled_from([0, 50, 10**6])),
            cap=draw(st.one_of(st.none(), amounts)),
        )
        for tier in (Tier.L2, Tier.L3)
        for asset in draw(st.sets(st.sampled_from("ABCD")))
    ]


def legs_for(held: list[AssetPosition], cash: int) -> tuple[TierAction, ...]:
    worth = {tier: sum(each.value for each in held if each.tier is tier) for tier in Tier}
    values: TierValues = (cash, worth[Tier.L2], worth[Tier.L3])
    state = TierState(settlement=Settlement("USDT", 0), values=values)
    return plan_tiers(state, CONFIG, TriggerKind.MANUAL).actions


def total(result: OrderList, leg: int, kind: OrderKind) -> int:
    return sum(each.amount for each in result.orders if (each.leg, each.kind) == (leg, kind))


@given(positions(), amounts, st.integers(0, 100))
def test_plan_orders__every_leg__orders_and_shortfall_add_up_to_it(
    held: list[AssetPosition], cash: int, minimum: int
) -> None:
    legs = legs_for(held, cash)
    result = plan_orders(legs, held, minimum)

    missing = {each.leg: each.amount for each in result.shortfalls}
    for index, leg in enumerate(legs):
        placed = leg.amount - missing.get(index, 0)
        sold, bought = (total(result, index, kind) for kind in OrderKind)
        assert sold == (0 if leg.from_tier is Tier.L1 else placed)
        assert bought == (0 if leg.to_tier is Tier.L1 else placed)


@given(positions(), amounts, st.integers(0, 100))
def test_plan_orders__every_position__gives_at_most_what_it_has_and_takes_at_most_its_cap(
    held: list[AssetPosition], cash: int, minimum: int
) -> None:
    result = plan_orders(legs_for(held, cash), held, minimum)

    for each in held:
        mine = [order for order in result.orders if (order.asset, order.tier) == _key(each)]
        sold = sum(order.amount for order in mine if order.kind is OrderKind.SALE)
        bought = sum(order.amount for order in mine if order.kind is OrderKind.PURCHASE)
        assert sold <= min(each.value, each.exit_liquidity)
        assert sum(order.quantity or 0 for order in mine) <= each.balance
        assert not (sold and bought)
        if bought:
            assert each.target_weight > 0
            assert each.cap is None or each.value + bought <= each.cap


@given(positions(), amounts, st.integers(0, 100))
def test_plan_orders__every_order__is_at_least_the_minimum_or_its_leg_is_smaller(
    held: list[AssetPosition], cash: int, minimum: int
) -> None:
    legs = legs_for(held, cash)

    for order in plan_orders(legs, held, minimum).orders:
        assert order.amount >= min(minimum, legs[order.leg].amount)
        assert order.amount > 0


@given(positions(), amounts, st.integers(0, 100))
def test_plan_orders__every_purchase_out_of_a_sale__is_paid_by_earlier_sales_of_its_leg(
    held: list[AssetPosition], cash: int, minimum: int
) -> None:
    legs = legs_for(held, cash)
    orders = plan_orders(legs, held, minimum).orders

    spent = [0] * len(orders)
    for index, order in enumerate(orders):
        for sale, amount in zip(order.depends_on, order.funding, strict=True):
            assert sale < index
            assert (orders[sale].kind, orders[sale].leg) == (OrderKind.SALE, order.leg)
            spent[sale] += amount
        paid = order.kind is OrderKind.PURCHASE and legs[order.leg].from_tier is not Tier.L1
        assert sum(order.funding) == (order.amount if paid else 0)
    assert all(amount <= order.amount for amount, order in zip(spent, orders, strict=True))


@given(positions(), amounts, st.integers(0, 100), st.randoms(use_true_random=False))
def test_plan_orders__positions_in_another_order__gives_the_same_orders(
    held: list[AssetPosition], cash: int, minimum: int, order: random.Random
) -> None:
    legs = legs_for(held, cash)
    other = list(held)
    order.shuffle(other)

    assert plan_orders(legs, other, minimum) == plan_orders(legs, held, minimum)


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 9)), min_size=1, max_size=5), amounts)
def test_plan_orders__sale_without_limits__leaves_weights_no_worse(
    facts: list[tuple[int, int]], cash: int
) -> None:
    held = [
        AssetPosition(
            asset=str(index),
            tier=Tier.L3,
            method="SWAP",
            value=value,
            balance=value,
            target_weight=weight,
            exit_cost=0,
            exit_liquidity=10**6,
        )
        for index, (value, weight) in enumerate(facts)
    ]
    legs = [leg for leg in legs_for(held, cash) if leg.to_tier is Tier.L1]
    sold = {each.asset: each.amount for each in plan_orders(legs, held, 0).orders}

    after = [each.value - sold.get(each.asset, 0) for each in held]
    before = [each.value for each in held]
    weights = [int(each.target_weight) for each in held]
    dust = Fraction(2 * len(held), max(1, sum(after)))  # whole units do not divide evenly
    if sum(after):
        assert off(after, weights) <= off(before, weights) + dust


def off(values: list[int], weights: list[int]) -> Fraction:
    worth, whole = sum(values), sum(weights)
    pairs = zip(values, weights, strict=True)
    return sum((abs(Fraction(v, worth) - Fraction(w, whole)) for v, w in pairs), Fraction(0))


def _key(position: AssetPosition) -> tuple[str, Tier]:
    return position.asset, position.tier


slots = st.lists(
    st.builds(Recipient, wanted=st.integers(0, 50), room=st.integers(0, 50)), max_size=6
)


@given(st.integers(0, 200), slots, st.integers(0, 60))
def test_spread__any_slots__fits_the_rooms_the_minimum_and_the_amount(
    amount: int, places: list[Recipient], minimum: int
) -> None:
    parts = spread(amount, places, minimum)

    assert len(parts) == len(places)
    assert all(0 <= part <= slot.room for part, slot in zip(parts, places, strict=True))
    assert all(part == 0 or part >= minimum for part in parts)
    assert sum(parts) <= amount


@given(st.integers(0, 200), slots)
def test_spread__no_minimum__leaves_out_only_what_has_no_room(
    amount: int, places: list[Recipient]
) -> None:
    assert sum(spread(amount, places, 0)) == min(amount, sum(slot.room for slot in places))
