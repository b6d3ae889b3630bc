"""Tests of limits on sales and payments: they bound a plan as they bound a run on chain."""

from __future__ import annotations

from fractions import Fraction

from keepers.model.weights import (
    AssetHolding,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsPlan,
    WeightsRequest,
)
from keepers.planning.weights import plan_weights

ONE = Fraction(1)


def held(
    symbol: str, quantity: int, target: int, *, sale: int | None = None, payment: int | None = None
) -> AssetHolding:
    return AssetHolding(
        symbol=symbol,
        decimals=0,
        quantity=quantity,
        price=ONE,
        target=target,
        sale_limit=sale,
        payment_limit=payment,
    )


def planned(*assets: AssetHolding, minimum: int = 0) -> WeightsPlan:
    cash = SettlementHolding(symbol="CASH", decimals=0, quantity=0, price=ONE, target=0)
    return plan_weights(
        WeightsRequest(
            portfolio=WeightedPortfolio(settlement=cash, assets=assets),
            spend=Spend.PROCEEDS,
            minimum_trade=Fraction(minimum),
        )
    )


def sold(plan: WeightsPlan) -> dict[str, int]:
    return {each.symbol: int(each.quantity) for each in plan.sales}


def paid(plan: WeightsPlan) -> dict[str, int]:
    return {each.symbol: int(each.paid) for each in plan.purchases}


def test_sale__above_what_can_be_sold__is_that() -> None:
    plan = planned(held("A", 700, 5_000, sale=120), held("B", 300, 5_000))
    assert (sold(plan), paid(plan)) == ({"A": 120}, {"B": 120})


def test_sale__of_which_too_little_can_be_sold__is_none() -> None:
    plan = planned(held("A", 700, 5_000, sale=9), held("B", 300, 5_000), minimum=10)
    assert (sold(plan), paid(plan)) == ({}, {})


def test_gap__that_cannot_be_bought__leaves_its_part_to_the_others() -> None:
    assets = [held("A", 800, 5_000), held("C", 100, 2_500)]
    open_to_all = planned(*assets, held("B", 100, 2_500))
    assert paid(open_to_all) == {"B": 150, "C": 150}
    closed = planned(*assets, held("B", 100, 2_500, payment=0))
    assert (sold(closed), paid(closed)) == ({"A": 300}, {"C": 150})


def test_payment__above_what_may_be_paid__is_that_and_no_crumb() -> None:
    assets = [held("A", 800, 5_000), held("C", 100, 2_500)]
    plan = planned(*assets, held("B", 100, 2_500, payment=40), minimum=10)
    assert paid(plan) == {"B": 40, "C": 150}
    crumb = planned(*assets, held("B", 100, 2_500, payment=9), minimum=10)
    assert paid(crumb) == {"C": 150}
