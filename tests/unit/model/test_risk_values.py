"""Tests of the price moves of feeds and the yields of funds."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from keepers.model.risk import FeedHistory, FundRate, FundYield, PriceRound, yields_of

NOW = datetime(2030, 1, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def history(*rounds: tuple[int, int]) -> FeedHistory:
    """Return a feed's history from answers with their ages in minutes."""
    return FeedHistory(
        token="0xT",
        symbol="T",
        since=NOW - HOUR,
        rounds=tuple(PriceRound(answer, NOW - timedelta(minutes=age)) for answer, age in rounds),
        reaches=True,
    )


def fund(days: int, assets: int) -> FundRate:
    return FundRate(
        vault="main",
        chain_id=1,
        asset="0xF",
        block_number=days,
        at=NOW + days * DAY,
        assets=assets,
        shares=10**9,
    )


def test_feed__answer_before_the_window__counts_as_long_as_it_was_in_force() -> None:
    assert history((110, 10), (100, 70), (50, 80)).move_bps == 1_000


def test_feed__answer_at_the_windows_beginning__is_the_oldest_that_counts() -> None:
    assert history((100, 10), (110, 60), (50, 61)).move_bps == 1_000


def test_feed__without_answers__has_not_moved() -> None:
    assert history().move_bps == 0


answers = st.lists(st.tuples(st.integers(1, 10**12), st.integers(0, 120)), min_size=1, max_size=20)


@given(answers)
def test_feed__move__is_at_least_that_of_any_two_in_force(rounds: list[tuple[int, int]]) -> None:
    made = history(*rounds)
    for one in made.in_force:
        for other in made.in_force:
            rise = Fraction((one.answer - other.answer) * 10_000, other.answer)
            assert made.move_bps >= rise


@given(answers, st.integers(1, 10**12))
def test_feed__more_answers__never_move_less(rounds: list[tuple[int, int]], answer: int) -> None:
    more = history(*rounds, (answer, 5))
    assert more.move_bps >= history(*rounds).move_bps


@given(st.integers(1, 10**12), st.integers(1, 10**12), st.integers(1, 400))
def test_yield__over_its_own_time__is_the_growth(first: int, last: int, days: int) -> None:
    found = yields_of([fund(days, last), fund(0, first)], DAY)["0xF"]
    assert found.of(days * DAY) == Fraction(last, first) - 1


def test_yield__exactly_the_least_history__is_known() -> None:
    assert "0xF" in yields_of([fund(0, 100), fund(1, 101)], DAY)
    assert yields_of([fund(0, 100), fund(1, 101)], DAY + timedelta(seconds=1)) == {}


def test_yield__of_one_rate__is_not_known() -> None:
    assert yields_of([fund(0, 100)], timedelta(0)) == {}


def test_yield__loss__is_negative() -> None:
    assert yields_of([fund(0, 100), fund(2, 99)], DAY)["0xF"].earned == Fraction(-1, 100)


def test_yield__a_year__is_in_basis_points() -> None:
    assert FundYield(Fraction(1, 100), timedelta(days=73)).yearly_bps == 500
