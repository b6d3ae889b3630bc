"""Tests of sales, gaps, budgets and purchases on one scale, at each bound."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.weights import (
    AssetHolding,
    Purchase,
    Quantity,
    Rounding,
    Sale,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsRequest,
)
from keepers.planning.weights.book import PortfolioBook, WeightedPosition, book_of, divide
from keepers.planning.weights.trades import (
    after_purchases,
    after_sales,
    bought_for,
    budget_of,
    excess_of,
    gaps_of,
    purchases_of,
    received_for,
    sales_of,
    split,
)

NO_LOSS = Fraction(0)


def position(symbol: str, quantity: Quantity, target: int, **more: Any) -> WeightedPosition:
    usual: dict[str, Any] = {"price": 1, "sell_slippage": NO_LOSS, "buy_slippage": NO_LOSS}
    return WeightedPosition(symbol=symbol, quantity=quantity, target=target, **(usual | more))


def book(*assets: WeightedPosition, cash: int = 100, target: int = 1_000) -> PortfolioBook:
    return PortfolioBook(
        scale=1,
        settlement=position("USDT", cash, target),
        settlement_counts=True,
        assets=assets,
    )


def request(**more: Any) -> WeightsRequest:
    settlement = SettlementHolding(
        symbol="USDT", decimals=0, quantity=100, price=Fraction(1), target=1_000
    )
    asset = AssetHolding(symbol="A", decimals=0, quantity=900, price=Fraction(1), target=9_000)
    portfolio = WeightedPortfolio(settlement=settlement, assets=(asset,))
    usual: dict[str, Any] = {
        "portfolio": portfolio,
        "sell": None,
        "spend": Spend.SURPLUS,
        "minimum_trade": Fraction(0),
        "maximum_loss": None,
        "rounding": Rounding.TOKEN,
    }
    return WeightsRequest(**(usual | more))


def test_divide__floored_or_exact() -> None:
    assert (divide(7, 2, Rounding.TOKEN), divide(6, 2, Rounding.TOKEN)) == (3, 3)
    exact = next(each for each in Rounding if each is not Rounding.TOKEN)
    assert divide(7, 2, exact) == Fraction(7, 2)


@pytest.mark.parametrize(
    ("quantity", "more", "gaps"),
    [
        # A should be 30 % of 1,000.
        (299, {}, {"A": 10_000}),
        (300, {}, {}),
        (301, {}, {}),
        (299, {"payment_limit": 0}, {}),
        (299, {"payment_limit": 1}, {"A": 10_000}),
    ],
)
def test_gaps_of__assets_below_target__those_that_may_be_bought(
    quantity: int, more: dict[str, int], gaps: dict[str, int]
) -> None:
    rest = position("B", 900 - quantity, 6_000)
    held = book(position("A", quantity, 3_000, **more), rest)
    found = gaps_of(held, {"B"})
    assert found == gaps


def test_gaps_of__a_ten_thousandth_of_a_unit__is_a_gap() -> None:
    held = book(position("A", 0, 1), position("B", 0, 8_999), cash=1)
    assert gaps_of(held, set()) == {"A": 1, "B": 8_999}
    assert gaps_of(held, {"B"}) == {"A": 1}


@pytest.mark.parametrize(
    ("before", "after", "surplus", "proceeds"),
    [
        # 10 % of 1,000 should be cash.
        (100, 100, 0, 0),
        (100, 101, 10_000, 10_000),
        (100, 99, 0, 0),
        (150, 170, 700_000, 200_000),
        # Proceeds first fill the missing cash.
        (80, 110, 100_000, 100_000),
        (80, 95, 0, 0),
        (80, 100, 0, 0),
    ],
)
def test_budget_of__cash_above_its_target__or_what_sales_brought(
    before: int, after: int, surplus: int, proceeds: int
) -> None:
    first = book(position("A", 1_000 - before, 9_000), cash=before)
    then = book(position("A", 1_000 - after, 9_000), cash=after)
    assert budget_of(first, then, Spend.SURPLUS) == surplus
    assert budget_of(first, then, Spend.PROCEEDS) == proceeds


@pytest.mark.parametrize(
    ("budget", "shares"),
    [
        (0, {}),
        (1, {"A": Fraction(1, 40_000), "B": Fraction(3, 40_000)}),
        (20_000, {"A": Fraction(1, 2), "B": Fraction(3, 2)}),
        (40_000, {"A": Fraction(1), "B": Fraction(3)}),
        (90_000, {"A": Fraction(1), "B": Fraction(3)}),
    ],
)
def test_split__budget_and_gaps__in_proportion_and_no_more_than_the_gap(
    budget: int, shares: dict[str, Fraction]
) -> None:
    assert split(budget, {"A": 10_000, "B": 30_000}) == shares


@pytest.mark.parametrize(
    ("quantity", "more", "least", "sold"),
    [
        (300, {}, 0, None),
        (299, {}, 0, None),
        (301, {}, 0, 1),
        (330, {}, 0, 30),
        (330, {}, 30, 30),
        (330, {}, 31, None),
        (330, {"sale_limit": 20}, 0, 20),
        (330, {"sale_limit": 0}, 0, None),
        (330, {"sale_limit": 40}, 0, 30),
        (330, {"sale_limit": 20}, 21, None),
    ],
)
def test_sales_of__asset_above_target__is_sold_down_to_it(
    quantity: int, more: dict[str, int], least: int, sold: int | None
) -> None:
    held = book(position("A", quantity, 3_000, **more), position("B", 900 - quantity, 9_000))

    sales = sales_of(held, request(minimum_trade=Fraction(least)))

    assert [each.quantity for each in sales if each.symbol == "A"] == ([sold] if sold else [])


def test_sales_of__quantities_asked_for__whatever_targets_and_minimum_say() -> None:
    held = book(position("A", 100, 9_000), position("B", 700, 0), position("C", 100, 0))
    asked = request(sell={"A": 1}, minimum_trade=Fraction(500))
    assert sales_of(held, asked) == (
        Sale(symbol="A", quantity=1, received=1, proceeds=Fraction(1)),
    )


def test_excess_of__value_above_target__in_whole_units() -> None:
    dear = position("A", 10, 3_000, price=7)
    # 70 of 100, less 30: a value of 40 is 5 units and a remainder.
    assert excess_of(dear, 100, Rounding.TOKEN) == 5
    assert excess_of(dear, 233, Rounding.TOKEN) == 0
    assert excess_of(dear, 1_000, Rounding.TOKEN) == 0


def test_received_for_and_bought_for__slippage__is_lost_on_both() -> None:
    asset = position(
        "A", 10, 0, price=7, sell_slippage=Fraction(1, 10), buy_slippage=Fraction(1, 4)
    )
    cash = replace(position("USDT", 0, 0), price=2)
    # 5 * 7 * 0.9 / 2 = 15.75; 20 * 2 / (7 * 1.25) = 4.57...
    assert received_for(asset, 5, cash, Rounding.TOKEN) == 15
    assert bought_for(asset, 20, cash, Rounding.TOKEN) == 4


def test_after__sales_and_purchases__moves_quantities_and_cash() -> None:
    held = book(position("A", 300, 3_000), position("B", 600, 6_000))
    sale = Sale(symbol="A", quantity=30, received=29, proceeds=Fraction(29))
    buy = Purchase(symbol="B", paid=20, spent=Fraction(20), quantity=19)

    sold = after_sales(held, (sale,))
    done = after_purchases(sold, (buy,))

    assert ([a.quantity for a in sold.assets], sold.settlement.quantity) == ([270, 600], 129)
    assert ([a.quantity for a in done.assets], done.settlement.quantity) == ([270, 619], 109)


@pytest.mark.parametrize(
    ("allocation", "more", "least", "paid"),
    [
        (Fraction(30), {}, 0, 30),
        (Fraction(59, 2), {}, 0, 29),
        (Fraction(1, 2), {}, 0, None),
        (Fraction(1), {}, 0, 1),
        (Fraction(30), {}, 30, 30),
        (Fraction(30), {}, 31, None),
        (Fraction(30), {"payment_limit": 20}, 0, 20),
        (Fraction(30), {"payment_limit": 30}, 0, 30),
        (Fraction(30), {"payment_limit": 20}, 20, 20),
        (Fraction(30), {"payment_limit": 20}, 21, None),
        (Fraction(30), {"payment_limit": 0}, 0, None),
    ],
)
def test_purchases_of__allocation__bounded_by_limit_and_minimum(
    allocation: Fraction, more: dict[str, int], least: int, paid: int | None
) -> None:
    held = book(position("A", 300, 3_000, **more), position("B", 600, 6_000))

    found = purchases_of(held, {"A": allocation}, request(minimum_trade=Fraction(least)))

    assert [each.paid for each in found] == ([] if paid is None else [paid])
    assert [each.quantity for each in found] == ([] if paid is None else [paid])


def test_book_of__settlement_without_target__counts_for_nothing_and_loses_nothing() -> None:
    settlement = SettlementHolding(
        symbol="USDT", decimals=1, quantity=55, price=Fraction(1, 3), target=None
    )
    asset = AssetHolding(
        symbol="A",
        decimals=0,
        quantity=7,
        price=Fraction(1, 2),
        target=10_000,
        sell_slippage=Fraction(1, 10),
        buy_slippage=Fraction(1, 5),
    )
    portfolio = WeightedPortfolio(settlement=settlement, assets=(asset,))
    made = book_of(request(portfolio=portfolio))

    # 1/30 and 1/2 are whole on a scale of 30.
    assert made.scale == 30
    assert (made.settlement.price, made.assets[0].price) == (1, 15)
    assert (made.settlement.target, made.settlement_counts) == (0, False)
    assert (made.settlement.sell_slippage, made.settlement.buy_slippage) == (0, 0)
    assert (made.assets[0].sell_slippage, made.assets[0].buy_slippage) == (
        Fraction(1, 10),
        Fraction(1, 5),
    )
    assert made.total == 55 + 105
    # The target of A is 100 %: 10000 * 105 - 10000 * 160.
    assert made.deviation == 550_000
    assert made.weighed().deviation == Fraction(550_000, 10_000 * 160)
    assert made.in_currency(15) == Fraction(1, 2)
