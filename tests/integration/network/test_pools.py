"""The arithmetic of Uniswap's prices."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.network.pools import (
    Q96,
    full_range,
    price_of,
    raw_price,
    sqrt_price_x96,
    tick_near,
)


def test_raw_price__both_orders__are_each_other_s_inverse() -> None:
    # 3,000 USDT (6 decimals) per WETH (18): 3e9 units for 1e18.
    assert raw_price(Decimal(3_000), "WETH", "USDT", base_first=True) == Fraction(3, 10**9)
    assert raw_price(Decimal(3_000), "WETH", "USDT", base_first=False) == Fraction(10**9, 3)


def test_sqrt_price__of_one__is_two_to_the_96() -> None:
    assert sqrt_price_x96(Fraction(1)) == Q96


@given(
    price=st.decimals("0.01", "1000000", places=6, allow_nan=False),
    base_first=st.booleans(),
)
def test_price_of__what_sqrt_price_made__is_the_price_to_a_millionth(
    price: Decimal, base_first: bool
) -> None:
    sqrt = sqrt_price_x96(raw_price(price, "WETH", "USDT", base_first=base_first))
    back = price_of(sqrt, "WETH", "USDT", base_first=base_first)
    assert abs(back / Fraction(price) - 1) < Fraction(1, 10**6)


@pytest.mark.parametrize(("raw", "tick"), [(1, 0), (2, 6_960), (10**60, 887_220), (0.5, -6_960)])
def test_tick_near__spacing_of_60__is_usable_and_in_range(raw: float, tick: int) -> None:
    # ln 2 / ln 1.0001 = 6,931.8, and 6,960 is the multiple of 60 nearest to it.
    assert tick_near(Fraction(raw), 60) == tick
    assert full_range(60) == 887_220
