"""Tests of a fee from one or two quotes; its property test is with the transfers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.planning.inventory.tariff import FeePoint, LinearFee, linear_fee


@pytest.mark.parametrize(
    ("larger", "smaller", "fee"),
    [
        # The fee of a single quote applies to all smaller amounts.
        ((1_000, 7), None, (7, 0)),
        ((1_000, 0), None, (0, 0)),
        # The higher fee, if the smaller amount costs as much or more, or is not smaller.
        ((1_000, 7), (500, 8), (8, 0)),
        ((1_000, 7), (500, 7), (7, 0)),
        ((1_000, 7), (1_000, 6), (7, 0)),
        ((1_000, 7), (1_001, 6), (7, 0)),
        # 10 for 500 more are 200 basis points; the fixed part is 20 less 20, and one for rounding.
        ((1_000, 20), (500, 10), (1, 200)),
        ((1_000, 25), (500, 15), (6, 200)),
        # The fixed part, 31 - 3 % of 1,001 = 0.97, is rounded up.
        ((1_001, 31), (1, 1), (2, 300)),
        # The fixed part would be negative, so that it is only the unit for rounding.
        ((1_000, 20), (900, 10), (1, 1_000)),
        # The share stays below 100 %.
        ((1_000, 900), (999, 1), (1, 9_999)),
        # One unit more for one unit more: the share stays below 100 % too.
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
