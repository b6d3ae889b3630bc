"""Tests of deadlines, and of solutions as transfers."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.planning.inventory.solution import (
    OutOfTimeError,
    PlanningDeadline,
    Solution,
    longest,
    transfers_of,
)
from tests.unit.planning.inventory.markets import market_of, route


def test_deadline__time_passes__until_nothing_is_left() -> None:
    now = [100.0]
    deadline = PlanningDeadline.after(Fraction(5, 2), lambda: now[0])

    assert (deadline.at, deadline.left) == (102.5, 2.5)
    now[0] = 102.0
    deadline.check()
    now[0] = 102.5
    with pytest.raises(OutOfTimeError):
        deadline.check()
    now[0] = 103.0
    assert deadline.left == -0.5


def test_deadline__part_of_what_is_left__is_sooner() -> None:
    now = [100.0]
    deadline = PlanningDeadline.after(Fraction(8), lambda: now[0])
    now[0] = 104.0
    assert deadline.sooner(0.25).at == 105.0


def test_longest__of_routes__is_that_of_the_slowest() -> None:
    routes = [route("A", "T", seconds=Fraction(60)), route("B", "T", seconds=Fraction(20))]
    market = market_of({"A": 1, "B": 1}, {"T": 2}, routes)
    assert longest(market.edges) == 60
    assert longest([]) == 0


def test_transfers_of__solution__by_destination_source_and_route() -> None:
    routes = [
        route("A", "U", fee=2, seconds=Fraction(9)),
        route("B", "T", fallback=True),
        route("B", "U", "P"),
        route("B", "U", "Q"),
    ]
    market = market_of({"A": (50, 1), "B": (90, 0)}, {"T": (30, 0), "U": (90, 0)}, routes)
    solution = Solution(tuple(market.edges), (3, 7, 5, 4))

    found = transfers_of(market, solution)

    assert [(each.destination, each.source, each.route) for each in found] == [
        ("T", "B", "R"),
        ("U", "A", "R"),
        ("U", "B", "P"),
        ("U", "B", "Q"),
    ]
    assert [(each.amount, each.arrives, each.fee) for each in found] == [
        (7, 7, 0),
        (32, 3, 2),
        (5, 5, 0),
        (4, 4, 0),
    ]
    assert (found[1].source_decimals, found[1].destination_decimals) == (1, 0)
    assert (found[0].fallback, found[1].seconds) == (True, 9)
    assert solution.fallbacks == 1


def test_transfers_of__coarse_source__arrives_in_units_of_the_destination() -> None:
    market = market_of({"A": (5, 0)}, {"T": (30, 1)})
    (found,) = transfers_of(market, Solution(tuple(market.edges), (3,)))
    assert (found.amount, found.arrives) == (3, 30)


def test_transfers_of__amounts_that_are_given__arrive_as_far_as_they_do() -> None:
    market = market_of({"A": (50, 1)}, {"T": (9, 0)}, [route("A", "T")])
    (found,) = transfers_of(market, Solution(tuple(market.edges), (3,), amounts=(38,)))
    assert (found.amount, found.arrives) == (38, 3)
