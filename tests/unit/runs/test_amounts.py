"""Tests of rounding: units to sell and minimum outputs are rounded up, spending down."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.order import Order, OrderKind
from keepers.model.tier_config import Tier
from keepers.runs.amounts import (
    affordable,
    ceil_share,
    measured_slippage_bps,
    minimum_output,
    units_to_sell,
)

amounts = st.integers(1, 10**30)


def order(amount: int, funding: dict[int, int]) -> Order:
    return Order(
        kind=OrderKind.PURCHASE if funding else OrderKind.SALE,
        asset="X",
        tier=Tier.L2,
        method="SWAP",
        amount=amount,
        quantity=None,
        priority=0,
        leg=0,
        depends_on=tuple(funding),
        funding=tuple(funding.values()),
        reason="",
    )


@given(balance=amounts, value=amounts, wanted=amounts)
def test_units_to_sell__any__are_worth_what_is_wanted_or_all(
    balance: int, value: int, wanted: int
) -> None:
    units = units_to_sell(balance, value, wanted, balance)
    assert 0 < units <= balance
    assert units == balance or Fraction(units * value, balance) >= wanted


@given(balance=amounts, value=amounts, wanted=amounts, left=amounts)
def test_units_to_sell__second_sale__leaves_nothing_below_zero(
    balance: int, value: int, wanted: int, left: int
) -> None:
    assert units_to_sell(balance, value, wanted, left) <= left


@given(quoted=amounts, tolerance=st.integers(0, 9_999))
def test_minimum_output__any__is_rounded_up(quoted: int, tolerance: int) -> None:
    exact = Fraction(quoted * (10_000 - tolerance), 10_000)
    assert exact <= minimum_output(quoted, tolerance) < exact + 1


@given(
    amount=amounts,
    brought=st.fractions(Fraction(0), Fraction(2)),
    shares=st.lists(st.integers(1, 10**9), min_size=1, max_size=4),
)
def test_affordable__several_purchases_of_one_sale__never_spend_more_than_it_brought(
    amount: int, brought: Fraction, shares: list[int]
) -> None:
    sale = order(amount, {})
    parts = [amount * share // sum(shares) for share in shares]
    proceeds = {0: int(amount * brought)}
    spent = [affordable(order(part, {0: part}), proceeds, {0: sale}) for part in parts]
    assert sum(spent) <= proceeds[0]
    assert all(got <= part for got, part in zip(spent, parts, strict=True))


def test_affordable__no_sale_before__is_the_whole_amount() -> None:
    assert affordable(order(7, {}), {}, {}) == 7


def test_ceil_share__a_third__rounds_up() -> None:
    assert ceil_share(10, 1, 3) == 4


def test_measured_slippage__as_quoted__is_the_estimate() -> None:
    found = measured_slippage_bps(quoted=Fraction(99), estimated_bps=Fraction(100), received=99)
    assert found == 100


def test_measured_slippage__one_per_cent_less__adds_up() -> None:
    # Quoted 99 % of the oracle's value, received 99 % of the quote: 98.01 %.
    found = measured_slippage_bps(quoted=Fraction(9900), estimated_bps=Fraction(100), received=9801)
    assert found == 199
