"""Tests of orders that undo actions, and of the proceeds, cash and holdings that remain."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.order import AssetPosition, Shortfall
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import Executed
from keepers.planning.rollback.orders import Held, ProceedsPool, RollbackOrders
from keepers.planning.tiers.legs import Leg
from tests.unit.planning.rollback.paper import CONFIG, Asset, Paper
from tests.unit.planning.rollback.test_rollback import bought, lines, sold, undo, vault


def purchase(index: int, *funding: tuple[int, int]) -> Executed:
    """Return a purchase that sales funded."""
    sales, spent = zip(*funding, strict=True) if funding else ((), ())
    return bought(index, "C", Tier.L3, 1, depends_on=sales, funding=spent)


def test_proceeds_pool__purchase_that_two_sales_paid_for__keeps_its_parts_for_each() -> None:
    pool = ProceedsPool()
    pool.put(0, 100, purchase(2, (0, 30), (1, 60)))

    # A third and two thirds are reserved, rounded down; one unit is free.
    assert pool.draw(sold(0, "A", Tier.L2, 50), 20) == [(0, 20)]
    assert pool.draw(sold(0, "A", Tier.L2, 50), 20) == [(0, 14)]
    assert pool.draw(sold(1, "B", Tier.L2, 50), 65) == [(0, 65)]
    assert pool.draw(sold(1, "B", Tier.L2, 50), 65) == [(0, 1)]
    assert pool.draw(sold(1, "B", Tier.L2, 50), 65) == []


def test_proceeds_pool__purchase_of_cash__brings_what_is_free_for_all() -> None:
    pool = ProceedsPool()
    pool.put(0, 10, purchase(3))
    pool.put(1, 20, purchase(2, (0, 5)))

    # Reserved proceeds first, then free ones, in the order of the sales.
    assert pool.draw(sold(0, "A", Tier.L2, 50), 25) == [(0, 5), (1, 20)]
    assert pool.draw(sold(0, "A", Tier.L2, 50), 9) == [(0, 5)]


def test_proceeds_pool__kept_and_free_of_one_sale__are_one_draw() -> None:
    pool = ProceedsPool()
    pool.put(4, 10, purchase(2, (0, 1), (1, 2)))
    # 3 are reserved for the first sale, 6 for the second, and one is free.
    assert pool.draw(sold(0, "A", Tier.L2, 50), 50) == [(4, 4)]
    assert pool.draw(sold(0, "A", Tier.L2, 50), 0) == []


def position(value: int, balance: int, cap: int | None = None) -> AssetPosition:
    return AssetPosition(
        asset="C",
        tier=Tier.L3,
        method="SWAP",
        value=value,
        balance=balance,
        target_weight=1,
        exit_cost=0,
        exit_liquidity=value,
        cap=cap,
    )


def test_proceeds_pool__two_sales_keep_for_one__are_drawn_in_turn() -> None:
    pool = ProceedsPool()
    pool.put(0, 10, purchase(2, (0, 5)))
    pool.put(1, 20, purchase(3, (0, 5)))
    assert pool.draw(sold(0, "A", Tier.L2, 50), 15) == [(0, 10), (1, 5)]


def test_held__units_and_value__at_the_position_s_own_price_rounded_down() -> None:
    held = Held.of(position(100, 30))
    assert [held.worth(units) for units in (0, 1, 29, 30)] == [0, 3, 96, 100]
    assert [held.units_of(amount) for amount in (0, 4, 99)] == [0, 1, 29]
    assert [Held.of(position(100, 30, cap)).room for cap in (None, 90, 100, 101)] == [
        None,
        -10,
        0,
        1,
    ]


@pytest.mark.parametrize(
    ("changes", "orders", "shortfalls"),
    [
        ({"exit": 0}, [], [60]),
        ({"exit": 1}, [("SALE", "C", 1)], [59]),
        ({"exit": 59}, [("SALE", "C", 59)], [1]),
        ({"exit": 60}, [("SALE", "C", 60)], []),
        ({"units": 1}, [("SALE", "C", 1)], []),
    ],
)
def test_sell__what_can_be_sold__bounds_the_order_to_the_unit(
    changes: dict[str, int], orders: list[tuple[str, str, int]], shortfalls: list[int]
) -> None:
    rollback = undo(vault(C=changes), bought(0, "C", Tier.L3, 60))

    assert lines(rollback) == orders
    assert [each.amount for each in rollback.orders.shortfalls] == shortfalls


@pytest.mark.parametrize(("least", "orders"), [(40, [("SALE", "C", 40)]), (41, [])])
def test_sell__smallest_order__is_made_and_nothing_below(
    least: int, orders: list[tuple[str, str, int]]
) -> None:
    config = TierConfig.for_token(0, amounts={"rebalance_min_amount": least})
    rollback = undo(vault(C={"exit": 40}), bought(0, "C", Tier.L3, 60), config=config)
    assert lines(rollback) == orders


def test_sell__the_same_asset_thrice__leaves_less_each_time() -> None:
    actions = [bought(index, "C", Tier.L3, 30) for index in range(3)]
    rollback = undo(vault(C={"units": 100, "exit": 75}), *actions)

    assert [each.amount for each in rollback.orders.orders] == [30, 30, 15]
    assert [each.quantity for each in rollback.orders.orders] == [30, 30, 15]
    assert [each.amount for each in rollback.orders.shortfalls] == [15]


def test_sell__units_are_bought_back_meanwhile__no_more_units_than_were_held() -> None:
    actions = [bought(index, "C", Tier.L3, 60) for index in range(2)]
    rollback = undo(vault(C={"units": 100}), *actions)
    assert [each.quantity for each in rollback.orders.orders] == [60, 40]
    assert rollback.orders.shortfalls == ()


def test_buy__twice_with_cash__stops_at_the_least_that_must_stay() -> None:
    # Of 100 in cash, 50 must stay: 30 and 20 can be spent.
    rollback = undo(vault(), sold(0, "A", Tier.L2, 30), sold(1, "B", Tier.L2, 30))

    assert lines(rollback) == [("PURCHASE", "B", 30), ("PURCHASE", "A", 20)]
    assert rollback.orders.shortfalls == (
        Shortfall(leg=0, kind=rollback.orders.orders[0].kind, amount=10),
    )


def test_buy__paid_by_a_sale__leaves_the_cash_for_others() -> None:
    done = (
        sold(0, "A", Tier.L2, 50),
        sold(1, "B", Tier.L2, 20),
        bought(2, "C", Tier.L3, 20, depends_on=(1,), funding=(20,)),
    )
    rollback = undo(vault(), *done)

    assert lines(rollback) == [("SALE", "C", 20), ("PURCHASE", "B", 20), ("PURCHASE", "A", 50)]
    assert [each.depends_on for each in rollback.orders.orders] == [(), (0,), ()]


def test_buy__up_to_a_cap__in_two_actions() -> None:
    actions = (sold(0, "A", Tier.L2, 30), sold(1, "A", Tier.L2, 15))
    rollback = undo(vault(A={"cap": 225}), *actions)
    assert lines(rollback) == [("PURCHASE", "A", 15), ("PURCHASE", "A", 10)]


@pytest.mark.parametrize(("least", "orders"), [(20, [("PURCHASE", "A", 20)]), (21, [])])
def test_buy__smallest_order__is_made_and_nothing_below(
    least: int, orders: list[tuple[str, str, int]]
) -> None:
    config = TierConfig.for_token(0, amounts={"rebalance_min_amount": least})
    rollback = undo(vault(A={"cap": 220}), sold(0, "A", Tier.L2, 30), config=config)
    assert lines(rollback) == orders


def test_buy__a_single_unit__is_an_order() -> None:
    assert lines(undo(vault(A={"cap": 201}), sold(0, "A", Tier.L2, 30))) == [("PURCHASE", "A", 1)]


def test_buy__above_the_cap__is_short_of_all() -> None:
    rollback = undo(vault(A={"cap": 190}), sold(0, "A", Tier.L2, 30))
    assert lines(rollback) == []
    assert [each.amount for each in rollback.orders.shortfalls] == [30]


def test_buy__in_l2__leaves_the_least_of_cash_whatever_sales_bring() -> None:
    # Of 60 in cash, 48 must stay; the sale of C brings 30 to buy A back: 42 may be spent.
    paper = Paper(60, {"A": Asset(Tier.L2, 300), "C": Asset(Tier.L3, 600)})
    done = (
        sold(0, "A", Tier.L2, 100),
        bought(1, "C", Tier.L3, 30, depends_on=(0,), funding=(100,)),
    )
    rollback = undo(paper, *done)
    assert lines(rollback) == [("SALE", "C", 30), ("PURCHASE", "A", 30), ("PURCHASE", "A", 12)]


def test_legs__of_all_orders__add_what_falls_short() -> None:
    paper = vault(C={"exit": 25})
    orders = RollbackOrders(paper.state(), paper.positions(), CONFIG)

    orders.sell(bought(0, "C", Tier.L3, 60))
    orders.buy(sold(1, "A", Tier.L2, 10))
    orders.sell(bought(2, "D", Tier.L3, 5))

    assert orders.legs == (Leg(Tier.L3, Tier.L1, 65), Leg(Tier.L1, Tier.L2, 10))
    assert [each.leg for each in orders.orders] == [0, 1, 0]
    assert orders.values == [120, 310, 570]


def test_sell__value_without_units__is_short() -> None:
    paper = vault()
    orders = RollbackOrders(paper.state(), [position(5, 0)], CONFIG)
    orders.sell(bought(0, "C", Tier.L3, 60))
    assert (orders.orders, [each.amount for each in orders.shortfalls]) == ([], [60])


def test_sell__price_that_does_not_divide__sells_all_units_that_were_bought() -> None:
    # 29 of 30 units are worth 96 of 100, and 96 at that price are 28 units.
    rollback = undo(vault(C={"units": 30, "price": Fraction(10, 3)}), bought(0, "C", Tier.L3, 29))
    (order,) = rollback.orders.orders
    assert (order.quantity, order.amount, rollback.orders.shortfalls) == (29, 96, ())


def test_buy__asset_that_was_sold_before__has_room_under_its_cap_again() -> None:
    actions = (sold(0, "A", Tier.L2, 30), bought(1, "A", Tier.L2, 20))
    rollback = undo(vault(A={"cap": 200}), *actions)
    assert lines(rollback) == [("SALE", "A", 20), ("PURCHASE", "A", 20)]


def test_buy__proceeds_are_kept_for_another__cash_is_spent_once() -> None:
    # 50 of cash can be spent; 100 are reserved to buy A back, but L2 has room for only 50.
    done = (
        sold(0, "A", Tier.L2, 100),
        sold(1, "B", Tier.L2, 30),
        sold(2, "B", Tier.L2, 30),
        bought(3, "C", Tier.L3, 100, depends_on=(0,), funding=(100,)),
    )
    assert lines(undo(vault(), *done)) == [
        ("SALE", "C", 100),
        ("PURCHASE", "B", 30),
        ("PURCHASE", "B", 20),
        ("PURCHASE", "A", 50),
    ]


def test_buy__after_one_that_a_sale_paid__has_all_the_cash() -> None:
    done = (
        sold(0, "A", Tier.L2, 20),
        sold(1, "B", Tier.L2, 60),
        sold(2, "A", Tier.L2, 30),
        bought(3, "C", Tier.L3, 50, depends_on=(0, 2), funding=(20, 30)),
    )
    assert lines(undo(vault(), *done)) == [
        ("SALE", "C", 50),
        ("PURCHASE", "A", 30),
        ("PURCHASE", "B", 50),
        ("PURCHASE", "A", 20),
    ]


def test_buy__cash_below_its_least__is_filled_by_proceeds_first() -> None:
    # Of 40 in cash and 30 from the sale, 47 must stay: 5 % of 940.
    paper = vault()
    paper.cash = 40
    done = (
        sold(0, "A", Tier.L2, 30),
        bought(1, "C", Tier.L3, 30, depends_on=(0,), funding=(30,)),
    )
    assert lines(undo(paper, *done)) == [("SALE", "C", 30), ("PURCHASE", "A", 23)]


def test_buy__asset_that_is_gone__draws_nothing_from_others() -> None:
    done = (
        sold(0, "A", Tier.L2, 20),
        sold(1, "GONE", Tier.L2, 5),
        bought(2, "C", Tier.L3, 20),
    )
    rollback = undo(vault(), *done)
    assert [each.funding for each in rollback.orders.orders] == [(), (20,)]
