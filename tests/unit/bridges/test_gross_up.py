"""Tests of the gross-up: the amount to send so that a wanted amount arrives."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.model.bridge import Tariff, to_units, to_units_down
from keepers.model.errors import InputError

WANTED = st.integers(0, 10**18)
RATES = st.fractions(0, 500, max_denominator=1000)
FEES = st.integers(0, 10**9)


@given(WANTED, FEES, RATES)
def test_least_for__lets_exactly_so_much_arrive(wanted: int, fixed: int, bps: Fraction) -> None:
    tariff = Tariff(fixed=fixed, bps=bps)
    amount = tariff.least_for(wanted)
    assert amount - tariff.fee(amount) == wanted
    if amount > 0:
        assert amount - 1 - tariff.fee(amount - 1) < wanted


@given(WANTED, FEES, RATES, st.integers(1, 10**6), st.integers(0, 10**12))
def test_least_for__is_the_smallest_multiple_that_suffices(
    wanted: int, fixed: int, bps: Fraction, step: int, minimum: int
) -> None:
    tariff = Tariff(fixed=fixed, bps=bps, step=step, minimum=minimum)
    amount = tariff.least_for(wanted)
    assert amount % step == 0
    assert amount >= minimum
    assert amount - tariff.fee(amount) >= wanted
    smaller = amount - step
    if smaller >= minimum:
        assert smaller - tariff.fee(smaller) < wanted


@given(st.integers(1, 10**15), st.integers(1, 10**6))
def test_most__is_never_above_the_limit(maximum: int, step: int) -> None:
    most = Tariff(maximum=maximum, step=step).most()
    assert most is not None
    assert maximum - step < most <= maximum
    assert most % step == 0


@given(st.integers(0, 10**30), st.integers(0, 18), st.integers(0, 18))
def test_to_units__is_enough_and_not_a_unit_more(amount: int, here: int, there: int) -> None:
    needed = to_units(amount, here, there)
    assert to_units_down(needed, there, here) >= amount
    assert needed == 0 or to_units_down(needed - 1, there, here) < amount


@pytest.mark.parametrize(
    ("wanted", "fixed", "bps", "sent"),
    [
        (99_990_000, 10_000, Fraction(0), 100_000_000),
        (5_000_000_000, 0, Fraction(0), 5_000_000_000),
        (5_000_000_000, 0, Fraction(13, 10), 5_000_650_085),
        (0, 0, Fraction(5), 0),
    ],
)
def test_least_for__known_amounts(wanted: int, fixed: int, bps: Fraction, sent: int) -> None:
    assert Tariff(fixed=fixed, bps=bps).least_for(wanted) == sent


@pytest.mark.parametrize("bps", [-1, 10_000])
def test_tariff__that_takes_everything_is_refused(bps: int) -> None:
    with pytest.raises(InputError, match="fee"):
        Tariff(bps=Fraction(bps))
