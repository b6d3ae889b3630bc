"""Tests of single rollbacks."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest

from keepers.model.order import OrderKind
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import Executed, Rollback, TriggerKind
from keepers.planning.rollback import plan_rollback
from tests.unit.planning.rollback.paper import CONFIG, Asset, Paper


def vault(**changes: object) -> Paper:
    """Return a vault of 1,000: L1 100, L2 300 (A and B), L3 600 (C and D)."""
    assets = {
        "A": Asset(Tier.L2, 200),
        "B": Asset(Tier.L2, 100),
        "C": Asset(Tier.L3, 400),
        "D": Asset(Tier.L3, 200),
    }
    for name, value in changes.items():
        assets[name] = replace(assets[name], **value)  # type: ignore[arg-type]
    return Paper(100, assets)


def bought(index: int, asset: str, tier: Tier, received: int, **more: object) -> Executed:
    usual: dict[str, object] = {"planned": received}
    return Executed(
        index=index,
        kind=OrderKind.PURCHASE,
        asset=asset,
        tier=tier,
        received=received,
        **(usual | more),  # type: ignore[arg-type]
    )


def sold(index: int, asset: str, tier: Tier, received: int) -> Executed:
    return Executed(
        index=index,
        kind=OrderKind.SALE,
        asset=asset,
        tier=tier,
        planned=received,
        received=received,
    )


def undo(paper: Paper, *executed: Executed, config: TierConfig = CONFIG) -> Rollback:
    return plan_rollback(executed, paper.positions(), paper.state(), config, run_id="r1")


def lines(rollback: Rollback) -> list[tuple[str, str, int]]:
    return [(each.kind.name, each.asset, each.amount) for each in rollback.orders.orders]


def test_rollback__of_nothing__is_nothing() -> None:
    rollback = undo(vault())
    assert (rollback.orders.orders, rollback.orders.shortfalls, rollback.plan.actions) == ((),) * 3
    assert rollback.plan.approval.required == 0
    assert rollback.plan.after == rollback.plan.before


def test_rollback__purchase__sells_what_was_received_and_not_what_was_spent() -> None:
    rollback = undo(vault(), bought(0, "C", Tier.L3, 49, planned=50))
    (order,) = rollback.orders.orders
    assert (order.kind, order.asset, order.quantity) == (OrderKind.SALE, "C", 49)
    assert rollback.plan.after == (149, 300, 551)


def test_rollback__sale_and_what_it_paid_for__is_turned_round_with_its_dependency() -> None:
    done = (
        sold(0, "A", Tier.L2, 60),
        bought(1, "C", Tier.L3, 60, depends_on=(0,), funding=(60,)),
    )
    rollback = undo(vault(), *done)
    assert lines(rollback) == [("SALE", "C", 60), ("PURCHASE", "A", 60)]
    sale, purchase = rollback.orders.orders
    assert (purchase.depends_on, purchase.funding) == ((0,), (60,))
    assert sale.reason == "undoes action 2"
    assert rollback.plan.after == (100, 360, 540)


def test_rollback__refill__is_bought_back_with_cash() -> None:
    rollback = undo(vault(), sold(0, "A", Tier.L2, 40))
    (order,) = rollback.orders.orders
    assert (order.kind, order.amount, order.depends_on) == (OrderKind.PURCHASE, 40, ())


def test_rollback__cash_near_its_least__is_not_spent_below_it() -> None:
    # 5 % of 1,000 must stay: 50 of the 100 in cash.
    rollback = undo(vault(), sold(0, "A", Tier.L2, 80))
    assert lines(rollback) == [("PURCHASE", "A", 50)]
    (short,) = rollback.orders.shortfalls
    assert (short.kind, short.amount) == (OrderKind.PURCHASE, 30)
    assert rollback.plan.actions[short.leg].amount == 80


def test_rollback__asset_has_fallen__sells_the_units_for_less_and_buys_for_what_they_bring() -> (
    None
):
    paper = vault(A={"units": 100}, C={"price": Fraction(1, 2)})
    done = (
        sold(0, "A", Tier.L2, 60),
        bought(1, "C", Tier.L3, 60, depends_on=(0,), funding=(60,)),
    )
    rollback = undo(paper, *done)
    assert lines(rollback)[0] == ("SALE", "C", 30)
    assert rollback.orders.orders[0].quantity == 60
    # The other half of the proceeds of A is taken from cash.
    assert lines(rollback)[1:] == [("PURCHASE", "A", 30), ("PURCHASE", "A", 30)]
    assert [each.depends_on for each in rollback.orders.orders[1:]] == [(0,), ()]


def test_rollback__part_was_sold_since__sells_what_is_held() -> None:
    rollback = undo(vault(C={"units": 30}), bought(0, "C", Tier.L3, 60))
    assert rollback.orders.orders[0].quantity == 30


def test_rollback__two_purchases_of_one_asset__never_sell_more_than_is_held() -> None:
    done = (bought(0, "C", Tier.L3, 60), bought(1, "C", Tier.L3, 60))
    rollback = undo(vault(C={"units": 90}), *done)
    assert [each.quantity for each in rollback.orders.orders] == [60, 30]


def test_rollback__fund_cannot_pay_out__sells_what_it_can_and_tells_the_rest() -> None:
    rollback = undo(vault(C={"exit": 25}), bought(0, "C", Tier.L3, 60))
    assert (lines(rollback), rollback.orders.orders[0].quantity) == ([("SALE", "C", 25)], 25)
    assert [each.amount for each in rollback.orders.shortfalls] == [35]


@pytest.mark.parametrize(
    ("changes", "room"),
    [
        ({"A": {"cap": 220}}, 20),
        ({"A": {"cap": 150}}, 0),
        ({"A": {"units": 280}}, 52),  # L2 may be 40 % of 1,080, 432, and has 380
    ],
)
def test_rollback__cap_or_band__bounds_what_is_bought(
    changes: dict[str, dict[str, int]], room: int
) -> None:
    paper = vault(**changes)
    done = (
        sold(0, "A", Tier.L2, 60),
        bought(1, "C", Tier.L3, 60, depends_on=(0,), funding=(60,)),
    )
    found = undo(paper, *done)
    bought_back = sum(
        each.amount for each in found.orders.orders if each.kind is OrderKind.PURCHASE
    )
    assert bought_back == room
    assert sum(each.amount for each in found.orders.shortfalls) == 60 - room


def test_rollback__redemptions_due__keep_l1_and_l2() -> None:
    paper = vault()
    paper.redemptions_due = 304  # needs 380 of the 400
    rollback = undo(paper, sold(0, "C", Tier.L3, 40))
    assert lines(rollback) == [("PURCHASE", "C", 20)]


def test_rollback__asset_that_is_listed_no_more__is_a_shortfall() -> None:
    rollback = undo(vault(), bought(0, "GONE", Tier.L3, 60), sold(1, "GONE", Tier.L2, 30))
    assert rollback.orders.orders == ()
    assert [(each.kind, each.amount) for each in rollback.orders.shortfalls] == [
        (OrderKind.PURCHASE, 30),
        (OrderKind.SALE, 60),
    ]


def test_rollback__parts_below_the_smallest_order__are_left() -> None:
    config = TierConfig.for_token(0, amounts={"rebalance_min_amount": 50})
    paper = vault(C={"exit": 40})
    rollback = undo(paper, bought(0, "C", Tier.L3, 60), config=config)
    assert rollback.orders.orders == ()
    # An action that was below the minimum can be undone.
    small = undo(vault(), bought(0, "C", Tier.L3, 10), config=config)
    assert lines(small) == [("SALE", "C", 10)]


@pytest.mark.parametrize(("amount", "required"), [(60, 1), (250_000, 2)])
def test_rollback__always__needs_approval_by_its_size(amount: int, required: int) -> None:
    paper = vault(C={"units": 600_000})
    rollback = undo(paper, bought(0, "C", Tier.L3, amount))
    assert rollback.plan.approval.required == required
    assert rollback.plan.triggers[0].kind is TriggerKind.MANUAL


def test_rollback__move_between_tiers__counts_once_for_its_approval() -> None:
    paper = vault(A={"units": 300_000}, C={"units": 600_000}, D={"units": 100_000})
    done = (
        sold(0, "A", Tier.L2, 60_000),
        bought(1, "C", Tier.L3, 60_000, depends_on=(0,), funding=(60_000,)),
    )
    assert undo(paper, *done).plan.approval.required == 1


def test_rollback__cash_below_its_least__spends_none_although_sales_for_others_raise_it() -> None:
    # 40 in cash are below 5 % of 940; the proceeds of C are reserved to buy A back.
    paper = vault()
    paper.cash = 40
    done = (
        sold(0, "A", Tier.L2, 100),
        sold(1, "B", Tier.L2, 50),
        bought(2, "C", Tier.L3, 100, depends_on=(0,), funding=(100,)),
    )

    rollback = undo(paper, *done)

    assert [each for each in lines(rollback) if each[1] == "B"] == []
    assert [each.amount for each in rollback.orders.shortfalls if each.amount == 50] == [50]


@pytest.mark.parametrize(
    "changes",
    [{"units": 0}, {"price": Fraction(0)}],
    ids=["no units", "no value"],
)
def test_rollback__asset_without_units_or_value__is_short_of_all_that_was_bought(
    changes: dict[str, object],
) -> None:
    rollback = undo(vault(C=changes), bought(0, "C", Tier.L3, 49, planned=50))

    (short,) = rollback.orders.shortfalls
    assert (rollback.orders.orders, short.kind, short.amount) == ((), OrderKind.SALE, 50)


def test_rollback__asset_that_is_gone__is_short_of_all_that_was_bought() -> None:
    rollback = undo(vault(), bought(0, "Z", Tier.L3, 49, planned=50))

    (short,) = rollback.orders.shortfalls
    assert (rollback.orders.orders, short.amount) == ((), 50)


def test_rollback__purchase_of_one_dear_unit__is_sold_whole() -> None:
    paper = vault(C={"units": 1, "price": Fraction(400)})

    rollback = undo(paper, bought(0, "C", Tier.L3, 1, planned=400))

    (order,) = rollback.orders.orders
    assert (order.kind, order.quantity, order.amount) == (OrderKind.SALE, 1, 400)
