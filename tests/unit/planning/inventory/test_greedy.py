"""Tests of the greedy rule, transfer by transfer."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.model.inventory import Route
from keepers.planning.inventory.greedy import greedy_solution
from tests.unit.planning.inventory.markets import Units, limit, market_of, route

Rows = list[tuple[str, str, int]]


def sent(
    supplies: dict[str, Units], needs: dict[str, Units], routes: list[Route] | None = None
) -> tuple[Rows, list[int]]:
    solution, covered = greedy_solution(market_of(supplies, needs, routes))
    amounts = solution.amounts or ()
    rows = [
        (edge.name[0], edge.name[1], amount)
        for edge, amount in zip(solution.edges, amounts, strict=True)
    ]
    return rows, covered


@pytest.mark.parametrize(
    ("supplies", "needs", "rows", "covered"),
    [
        # The largest deficit first, from the largest surplus.
        ({"A": 6, "B": 10}, {"T": 3, "U": 9}, [("A", "T", 3), ("B", "U", 9)], [0, 1]),
        # Equal surpluses and deficits are ordered by name.
        ({"B": 5, "A": 5}, {"U": 5, "T": 5}, [("A", "T", 5), ("B", "U", 5)], [0, 1]),
        # A surplus that is not enough is followed by the next largest.
        ({"A": 4, "B": 3, "C": 2}, {"T": 8}, [("A", "T", 4), ("B", "T", 3), ("C", "T", 1)], [0]),
        # A deficit that cannot be covered in full gets nothing.
        ({"A": 4, "B": 3}, {"T": 8, "U": 7}, [("A", "U", 4), ("B", "U", 3)], [1]),
        ({"A": 4}, {"T": 4, "U": 1}, [("A", "T", 4)], [0]),
        # A source with a coarse unit may bring more than is missing.
        ({"A": (9, 0)}, {"T": (25, 1)}, [("A", "T", 3)], [0]),
        # Tokens are compared, not units.
        ({"A": (6, 0), "B": (50, 1)}, {"T": (3, 0)}, [("A", "T", 3)], [0]),
        ({"A": (6, 0), "B": (70, 1)}, {"T": (3, 0)}, [("B", "T", 30)], [0]),
        (
            {"A": (50, 1)},
            {"T": (4, 0), "U": (41, 1)},
            [("A", "U", 41)],
            [1],
        ),
    ],
)
def test_greedy_solution__free_routes__largest_first(
    supplies: dict[str, Units], needs: dict[str, Units], rows: Rows, covered: list[int]
) -> None:
    assert sent(supplies, needs) == (rows, covered)


@pytest.mark.parametrize(
    ("more", "rows"),
    [
        ({"maximum": 6}, [("A", "T", 6), ("B", "T", 4)]),
        ({"fee": 2}, [("A", "T", 12)]),
        ({"minimum": 10}, [("A", "T", 10)]),
        ({"minimum": 11}, []),
        ({"fee_bps": Fraction(5_000)}, [("A", "T", 20)]),
        # Of A's 20, 9 arrive, so that B brings one unit.
        ({"fee_bps": Fraction(5_500)}, [("A", "T", 20), ("B", "T", 1)]),
    ],
)
def test_greedy_solution__route_of_the_largest__bounds_what_goes_over_it(
    more: dict[str, Any], rows: Rows
) -> None:
    routes = [route("A", "T", **more)]
    if "minimum" not in more:
        routes.append(route("B", "T"))
    assert sent({"A": 20, "B": 15}, {"T": 10}, routes)[0] == rows


def test_greedy_solution__routes_of_one_source__ordinary_then_cheap_then_first_by_name() -> None:
    def chosen(*routes: Route) -> list[str]:
        solution, _ = greedy_solution(market_of({"A": 20}, {"T": 10}, routes))
        return [edge.name[2] for edge in solution.edges]

    assert chosen(route("A", "T", "P", fallback=True), route("A", "T", "Q", fee=3)) == ["Q"]
    assert chosen(route("A", "T", "P", fee=3), route("A", "T", "Q", fee=2)) == ["Q"]
    assert chosen(route("A", "T", "Q"), route("A", "T", "P")) == ["P"]


def test_greedy_solution__fee_takes_all_that_is_left__another_source_sends() -> None:
    routes = [route("A", "T"), route("A", "U", fee=2), route("B", "U")]
    rows, covered = sent({"A": 10, "B": 1}, {"T": 8, "U": 1}, routes)
    assert (rows, covered) == ([("A", "T", 8), ("B", "U", 1)], [0, 1])


def test_greedy_solution__limit_shared_by_routes__is_used_up() -> None:
    routes = [route("A", "T"), route("A", "U"), route("A", "U", "S", fee=1)]
    market = market_of({"A": 30}, {"T": 8, "U": 7}, routes, [limit("A", 10, "R")])
    solution, covered = greedy_solution(market)
    # 8 of the limit of 10 are used; R sends 2 more, and S, which charges a fee, brings 5.
    assert [
        (e.name[1:], n) for e, n in zip(solution.edges, solution.amounts or (), strict=True)
    ] == [
        (("T", "R"), 8),
        (("U", "R"), 2),
        (("U", "S"), 6),
    ]
    assert covered == [0, 1]


def test_greedy_solution__several_triggers__surplus_is_what_is_left_of_it() -> None:
    # After A has sent 8, B has the larger surplus.
    assert sent({"A": 10, "B": 5}, {"T": 8, "U": 3}) == ([("A", "T", 8), ("B", "U", 3)], [0, 1])
