"""Tests of the choice of holdings that serve a leg; amounts are small for readability."""

import pytest

from keepers.model.errors import InputError
from keepers.model.order import AssetPosition, Order, OrderKind, OrderList, Shortfall
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import ActionType, TierAction
from keepers.planning.orders import plan_orders
from keepers.planning.orders.plan import fund

PLENTY = 10**9
TYPES = {(Tier.L1, Tier.L2): ActionType.TRANSFER, (Tier.L2, Tier.L1): ActionType.TRANSFER}


def leg(giver: Tier, taker: Tier, amount: int, priority: int = 3) -> TierAction:
    kind = ActionType.PURCHASE if taker is Tier.L3 else ActionType.REDEEM
    return TierAction(
        type=TYPES.get((giver, taker), kind),
        from_tier=giver,
        to_tier=taker,
        amount=amount,
        priority=priority,
        reason="",
    )


def position(asset: str, tier: Tier, value: int, weight: int, **other: int) -> AssetPosition:
    facts = {"balance": 2 * value, "exit_cost": 10, "exit_liquidity": PLENTY} | other
    return AssetPosition(
        asset=asset,
        tier=tier,
        method="SWAP",
        value=value,
        balance=facts["balance"],
        target_weight=weight,
        exit_cost=facts["exit_cost"],
        exit_liquidity=facts["exit_liquidity"],
        cap=other.get("cap"),
    )


def brief(result: OrderList) -> list[tuple[str, str, int]]:
    return [(str(order.kind), order.asset, order.amount) for order in result.orders]


def test_plan_orders__sale__takes_the_most_overweight_first() -> None:
    held = [position("A", Tier.L3, 300, 5000), position("B", Tier.L3, 500, 5000)]

    # 800 - 250 = 550 remain, 275 each: A is 25 above, B 225.
    result = plan_orders([leg(Tier.L3, Tier.L1, 250)], held, minimum=10)

    assert brief(result) == [("SALE", "B", 225), ("SALE", "A", 25)]
    assert [order.quantity for order in result.orders] == [450, 50]
    assert result.shortfalls == ()


def test_plan_orders__small_sale__mends_weights_with_one_order() -> None:
    held = [position("A", Tier.L3, 300, 5000), position("B", Tier.L3, 500, 5000)]

    assert brief(plan_orders([leg(Tier.L3, Tier.L1, 100)], held, 10)) == [("SALE", "B", 100)]


def test_plan_orders__equally_overweight__the_cheapest_exit_then_the_largest_liquidity() -> None:
    held = [
        position("A", Tier.L3, 300, 1, exit_cost=20),
        position("B", Tier.L3, 300, 1, exit_liquidity=400),
        position("C", Tier.L3, 300, 1, exit_liquidity=500),
    ]

    result = plan_orders([leg(Tier.L3, Tier.L1, 300)], held, 0)

    assert [order.asset for order in result.orders] == ["C", "B", "A"]


def test_plan_orders__purchase__goes_to_the_widest_gaps() -> None:
    held = [position("A", Tier.L2, 100, 5000), position("B", Tier.L2, 300, 5000)]

    # 400 + 300 = 700, 350 each: A lacks 250, B 50.
    result = plan_orders([leg(Tier.L1, Tier.L2, 300)], held, 10)

    assert brief(result) == [("PURCHASE", "A", 250), ("PURCHASE", "B", 50)]
    assert all(order.depends_on == () and order.quantity is None for order in result.orders)


def test_plan_orders__l2_to_l3__purchases_depend_on_the_sales_that_pay_for_them() -> None:
    held = [
        position("MMF-A", Tier.L2, 200, 5000),
        position("MMF-B", Tier.L2, 100, 5000),
        position("HYD-A", Tier.L3, 300, 5000),
        position("HYD-B", Tier.L3, 340, 5000),
    ]

    # L2: 300 - 160 = 140, 70 each: sell 130 and 30. L3: 640 + 160 = 800: buy 100 and 60.
    result = plan_orders([leg(Tier.L2, Tier.L3, 160)], held, 10)

    assert brief(result) == [
        ("SALE", "MMF-A", 130),
        ("SALE", "MMF-B", 30),
        ("PURCHASE", "HYD-A", 100),
        ("PURCHASE", "HYD-B", 60),
    ]
    assert [order.depends_on for order in result.orders] == [(), (), (0,), (0, 1)]
    assert [order.funding for order in result.orders] == [(), (), (100,), (30, 30)]


@pytest.mark.parametrize(
    ("sales", "purchases", "funding"),
    [
        ([1, 9], [10], [[(0, 1), (1, 9)]]),
        ([10], [1, 9], [[(0, 1)], [(0, 9)]]),
        ([5, 5], [3, 7], [[(0, 3)], [(0, 2), (1, 5)]]),
        ([], [], []),
    ],
)
def test_fund__in_order__each_sale_is_spent_before_the_next(
    sales: list[int], purchases: list[int], funding: list[list[tuple[int, int]]]
) -> None:
    assert fund(sales, purchases) == funding


def test_plan_orders__second_leg__depends_on_its_own_sales_by_index_in_the_whole_list() -> None:
    held = [position("MMF", Tier.L2, 300, 1), position("HYD", Tier.L3, 300, 1)]
    legs = [leg(Tier.L2, Tier.L1, 100, 1), leg(Tier.L2, Tier.L3, 50)]

    result = plan_orders(legs, held, 10)

    assert [(order.leg, order.priority, order.depends_on) for order in result.orders] == [
        (0, 1, ()),
        (1, 3, ()),
        (1, 3, (1,)),
    ]


def test_plan_orders__sale_short_of_liquidity__is_what_is_bought_too() -> None:
    held = [
        position("MMF", Tier.L2, 300, 1, exit_liquidity=70),
        position("HYD", Tier.L3, 300, 1),
    ]

    result = plan_orders([leg(Tier.L2, Tier.L3, 100)], held, 10)

    assert brief(result) == [("SALE", "MMF", 70), ("PURCHASE", "HYD", 70)]
    assert result.shortfalls == (Shortfall(leg=0, kind=OrderKind.SALE, amount=30),)


def test_plan_orders__purchase_at_its_cap__sells_no_more_than_can_be_bought() -> None:
    held = [position("MMF", Tier.L2, 300, 1), position("HYD", Tier.L3, 300, 1, cap=340)]

    result = plan_orders([leg(Tier.L2, Tier.L3, 100)], held, 10)

    assert brief(result) == [("SALE", "MMF", 40), ("PURCHASE", "HYD", 40)]
    assert result.shortfalls == (Shortfall(leg=0, kind=OrderKind.PURCHASE, amount=60),)


def test_plan_orders__cap_of_one__sends_the_rest_to_the_others() -> None:
    held = [position("A", Tier.L3, 100, 1, cap=150), position("B", Tier.L3, 300, 1)]

    result = plan_orders([leg(Tier.L1, Tier.L3, 200)], held, 10)

    assert brief(result) == [("PURCHASE", "A", 50), ("PURCHASE", "B", 150)]


def test_plan_orders__asset_without_weight__is_sold_and_never_bought() -> None:
    held = [position("A", Tier.L3, 100, 0), position("B", Tier.L3, 100, 1)]

    assert brief(plan_orders([leg(Tier.L3, Tier.L1, 100)], held, 0)) == [("SALE", "A", 100)]
    assert brief(plan_orders([leg(Tier.L1, Tier.L3, 50)], held, 0)) == [("PURCHASE", "B", 50)]


def test_plan_orders__part_below_the_minimum__is_merged_into_another_order() -> None:
    held = [position("A", Tier.L3, 300, 5000), position("B", Tier.L3, 500, 5000)]

    # As in the first test, but 25 are too small for an order.
    result = plan_orders([leg(Tier.L3, Tier.L1, 250)], held, minimum=50)

    assert brief(result) == [("SALE", "B", 250)]


def test_plan_orders__part_below_the_minimum_without_room__is_raised_at_the_others_expense() -> (
    None
):
    held = [
        position("A", Tier.L3, 300, 5000),
        position("B", Tier.L3, 500, 5000, exit_liquidity=225),
    ]

    result = plan_orders([leg(Tier.L3, Tier.L1, 250)], held, minimum=50)

    assert brief(result) == [("SALE", "B", 200), ("SALE", "A", 50)]


def test_plan_orders__part_that_can_neither_be_merged_nor_raised__is_left_out() -> None:
    held = [
        position("A", Tier.L3, 40, 5000),
        position("B", Tier.L3, 500, 5000, exit_liquidity=225),
    ]

    result = plan_orders([leg(Tier.L3, Tier.L1, 250)], held, minimum=50)

    assert brief(result) == [("SALE", "B", 225)]
    assert result.shortfalls == (Shortfall(leg=0, kind=OrderKind.SALE, amount=25),)


def test_plan_orders__leg_below_the_minimum__is_one_small_order() -> None:
    held = [position("A", Tier.L3, 300, 5000), position("B", Tier.L3, 300, 5000)]

    assert brief(plan_orders([leg(Tier.L3, Tier.L1, 7, 0)], held, 50)) == [("SALE", "A", 7)]


def test_plan_orders__all_of_a_holding_in_two_legs__sells_the_last_unit_of_it() -> None:
    held = [position("A", Tier.L3, 3, 1, balance=10)]
    legs = [leg(Tier.L3, Tier.L1, 1), leg(Tier.L3, Tier.L2, 2)]
    money_market = position("M", Tier.L2, 1, 1)

    result = plan_orders(legs, [*held, money_market], 0)

    sales = [order for order in result.orders if order.kind is OrderKind.SALE]
    assert [order.quantity for order in sales] == [3, 7]


def test_plan_orders__tier_without_positions__leaves_the_whole_leg() -> None:
    result = plan_orders([leg(Tier.L1, Tier.L3, 100)], [], 10)

    assert result == OrderList((), (Shortfall(leg=0, kind=OrderKind.PURCHASE, amount=100),))


def test_position__in_l1__is_refused() -> None:
    with pytest.raises(InputError, match=r"positions\.CASH\.tier"):
        position("CASH", Tier.L1, 1, 1)


def test_order__reason__says_which_leg_it_serves() -> None:
    order: Order = plan_orders(
        [leg(Tier.L3, Tier.L1, 5)], [position("A", Tier.L3, 9, 1)], 0
    ).orders[0]

    assert order.reason == "L3 to L1: among the most overweight"
