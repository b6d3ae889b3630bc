"""A fee from one or two quotes is at least the fee of a bridge with the usual tariff."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.bridge import Tariff
from keepers.planning.inventory.tariff import FeePoint, linear_fee

AMOUNTS = st.integers(2, 10**13)


@given(
    st.integers(0, 10**9),
    st.fractions(0, 9_000, max_denominator=100),
    AMOUNTS,
    AMOUNTS,
    st.booleans(),
    st.integers(0, 10**6),
)
def test_linear_fee__is_at_least_the_bridges(  # noqa: PLR0917 - drawn
    fixed: int, bps: Fraction, one: int, other: int, is_second: bool, part: int
) -> None:
    tariff = Tariff(fixed=fixed, bps=bps)
    larger, smaller = max(one, other), min(one, other)
    points = [FeePoint(each, tariff.fee(each)) for each in (larger, smaller)]
    fee = linear_fee(*points[: 2 if is_second else 1])
    between = smaller + (larger - smaller) * part // 10**6
    assert fee.of(between) >= tariff.fee(between)


@given(AMOUNTS)
def test_linear_fee__of_nothing_is_nothing(amount: int) -> None:
    assert linear_fee(FeePoint(amount, 0)).of(amount) == 0
