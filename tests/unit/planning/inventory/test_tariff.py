"""A fee from one or two quotes, by hand; the property lies with the transfers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.planning.inventory.tariff import FeePoint, LinearFee, linear_fee


@pytest.mark.parametrize(
    ("larger", "smaller", "fee"),
    [
        # A single quote is the fee of all below.
        ((1_000, 7), None, (7, 0)),
        ((1_000, 0), None, (0, 0)),
        # No less than the smaller one's, where that is dearer or as dear, or not smaller.
        ((1_000, 7), (500, 8), (8, 0)),
        ((1_000, 7), (500, 7), (7, 0)),
        ((1_000, 7), (1_000, 6), (7, 0)),
        ((1_000, 7), (1_001, 6), (7, 0)),
        # 10 more for 500 more are 200 basis points; 20 less 20 are fixed, and a unit for rounding.
        ((1_000, 20), (500, 10), (1, 200)),
        ((1_000, 25), (500, 15), (6, 200)),
        # Half a unit is fixed, rounded up: 31 - 3 % of 1,001 = 0.97.
        ((1_001, 31), (1, 1), (2, 300)),
        # Below nothing at the beginning: nothing is fixed but the unit.
        ((1_000, 20), (900, 10), (1, 1_000)),
        # No share takes it all.
        ((1_000, 900), (999, 1), (1, 9_999)),
        # One unit above each.
        ((999, 8), (998, 7), (1, 9_999)),
    ],
)
def test_linear_fee__one_or_two_quotes__a_line_above_them(
    larger: tuple[int, int], smaller: tuple[int, int] | None, fee: tuple[int, int]
) -> None:
    second = None if smaller is None else FeePoint(*smaller)
    assert linear_fee(FeePoint(*larger), second) == LinearFee(fee[0], Fraction(fee[1]))


@pytest.mark.parametrize(
    ("send", "fee"), [(0, 3), (1, 4), (50, 4), (51, 5), (100, 5), (10_000, 203)]
)
def test_of__amount__share_is_rounded_up(send: int, fee: int) -> None:
    assert LinearFee(3, Fraction(200)).of(send) == fee
