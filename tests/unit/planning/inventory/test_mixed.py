"""Tests of the mixed-integer program, row by row, and of the use of the solver's answers."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keepers.planning.inventory.highs import Numbers, Program, SolverResult
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.mixed import (
    Mixed,
    _Program,
    exactly,
    mixed_integer,
    smallest_names,
)
from keepers.planning.inventory.solution import PlanningDeadline, Solution
from tests.unit.planning.inventory.markets import endless, limit, market_of, passed, route

ENDLESS = float("inf")


@dataclass
class Solver:
    """Fake solver that gives its answers in turn and records its requests."""

    answers: list[SolverResult]
    costs: list[list[float]] = field(default_factory=list[list[float]])
    bounds: list[tuple[list[float], list[float]]] = field(
        default_factory=list[tuple[list[float], list[float]]]
    )
    whole: list[list[float]] = field(default_factory=list[list[float]])
    rows: list[Any] = field(default_factory=list[Any])


def values(*numbers: float, bound: float = 0.0, proven: bool = True) -> SolverResult:
    return SolverResult(np.array(numbers), bound, proven)


def without_values(bound: float = 0.0, *, proven: bool = True) -> SolverResult:
    return SolverResult(None, bound, proven)


@pytest.fixture
def solver(monkeypatch: pytest.MonkeyPatch) -> Solver:
    made = Solver([])

    def minimise(
        program: Program,
        cost: Numbers,
        low: Numbers,
        high: Numbers,
        whole: Numbers,
        _: PlanningDeadline,
    ) -> SolverResult:
        made.costs.append(cost.tolist())
        made.bounds.append((low.tolist(), high.tolist()))
        made.whole.append(whole.tolist())
        made.rows = list(program.rows)
        return made.answers.pop(0)

    monkeypatch.setattr(Program, "minimise", minimise)
    return made


def priced() -> AssetMarket:
    """Return a market: T lacks 50, U 4; a unit of B or U is ten units of the others.

    A charges 5 and 20 %. C's routes R share a limit; its route R to T is a fallback from 20 to 30.
    """
    routes = [
        route("A", "T", fee=5, fee_bps=Fraction(2_000)),
        route("B", "T"),
        route("C", "T", "R", fallback=True, minimum=20, maximum=30),
        route("C", "U", "R"),
        route("C", "U", "S", minimum=2),
    ]
    supplies = {"A": (200, 1), "B": (5, 0), "C": (90, 1)}
    return market_of(supplies, {"T": (50, 1), "U": (4, 0)}, routes, [limit("C", 60, "R")])


def test_program__market_of_all_kinds__demands_just_these_rows() -> None:
    program = _Program(priced(), 2)

    # Five choices, then the arrivals over each as a share of 50, the largest deficit.
    assert (program.size, program.scale, program.fallback_worth) == (5, 50, 6)
    sinks = [
        ({5: 1.0, 6: 1.0, 7: 1.0}, 1.0, ENDLESS),
        ({8: 1.0, 9: 1.0}, 0.8, ENDLESS),
    ]
    sources = [
        ({5: 1.25, 0: 1.25 * 5 / 50}, -ENDLESS, 4.0),
        ({6: 1.0, 1: 0.0}, -ENDLESS, 1.0),
        ({7: 1.0, 2: 0.0, 8: 1.0, 3: 0.0, 9: 1.0, 4: 0.0}, -ENDLESS, 1.8),
        ({7: 1.0, 2: 0.0, 8: 1.0, 3: 0.0}, -ENDLESS, 1.2),
    ]
    links = [
        ({5: 1.0, 0: -1.0}, -ENDLESS, 0.0),
        ({6: 1.0, 1: -1.0}, -ENDLESS, 0.0),
        ({7: 1.0, 2: -0.6}, -ENDLESS, 0.0),
        ({7: 1.0, 2: -0.4}, 0.0, ENDLESS),
        ({8: 1.0, 3: -0.8}, -ENDLESS, 0.0),
        ({9: 1.0, 4: -0.8}, -ENDLESS, 0.0),
        ({9: 1.0, 4: -0.2}, 0.0, ENDLESS),
    ]
    pairs = [
        ({0: 2.0, 1: 2.0, 2: 1.0}, 2.0, ENDLESS),
        ({3: 2.0, 4: 2.0}, 2.0, ENDLESS),
    ]
    count = [(dict.fromkeys(range(5), 1.0), 2, ENDLESS)]
    assert program.program.size == 10
    assert program.program.rows == [*sinks, *sources, *links, *pairs, *count]


def test_exclude__a_choice__demands_one_less_of_it_or_one_more_of_others() -> None:
    program = _Program(priced(), 2)
    edges = program.market.edges
    before = len(program.program.rows)

    program.exclude([edges[1], edges[3]])

    row = {0: 1.0, 1: -1.0, 2: 1.0, 3: -1.0, 4: 1.0}
    assert program.program.rows[before:] == [(row, -1.0, ENDLESS)]


def test_limit__a_known_solution__allows_no_more_fallbacks_and_edges() -> None:
    program = _Program(priced(), 2)
    edges = program.market.edges
    before = len(program.program.rows)

    program.limit(Solution((edges[2], edges[3], edges[4]), (1, 1, 1)))

    every = dict.fromkeys(range(5), 1.0)
    assert program.program.rows[before:] == [({2: 1.0}, -ENDLESS, 1), (every, -ENDLESS, 3)]


def plain(*sources: str, **more: Any) -> AssetMarket:
    """Return a market of sources with 9; any of them can serve T, which lacks 5."""
    return market_of(dict.fromkeys(sources, 9), {"T": 5}, [route(s, "T", **more) for s in sources])


def test_limit__no_fallbacks__allows_no_more_edges() -> None:
    program = _Program(plain("A", "B"), 1)
    before = len(program.program.rows)
    program.limit(Solution((program.market.edges[0],), (5,)))
    assert program.program.rows[before:] == [({0: 1.0, 1: 1.0}, -ENDLESS, 1)]


def test_solve__fallback__costs_more_than_all_edges(solver: Solver) -> None:
    program = _Program(priced(), 2)
    solver.answers = [without_values()]

    program.solve(endless())

    assert solver.costs == [[1.0, 1.0, 7.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 0.0]]
    assert solver.bounds == [([0.0] * 10, [1.0] * 5 + [1.0, 1.0, 0.6, 0.8, 0.8])]
    assert solver.whole == [[1.0] * 5 + [0.0] * 5]


def test_prefer__block__weighs_each_edge_more_than_all_after_it(solver: Solver) -> None:
    program = _Program(priced(), 2)
    solver.answers = [values(1, 0.5, 0.6, 0.4, 0, *[0] * 5)]

    found = program.prefer(range(1, 4), {0: 1.0, 4: 0.0}, endless())

    edges = program.market.edges
    assert found == (edges[0], edges[2])
    assert solver.costs == [[0.0, -4.0, -2.0, -1.0, 0.0, *[0.0] * 5]]
    assert solver.bounds == [
        ([1.0, *[0.0] * 9], [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 0.6, 0.8, 0.8])
    ]


@pytest.mark.parametrize(
    "answer", [without_values(), values(*[1] * 10, proven=False), without_values(proven=False)]
)
def test_prefer__not_proven_or_none__is_none(answer: SolverResult, solver: Solver) -> None:
    solver.answers = [answer]
    assert _Program(priced(), 2).prefer(range(5), {}, endless()) is None


def test_chosen__edges_that_are_taken_and_used() -> None:
    program = _Program(priced(), 2)
    edges = program.market.edges

    found = program.chosen(values(1, 1, 0.5, 0.6, 1, 0.1, 0, 0.1, 0.1, 0.1))

    assert found == (edges[0], edges[3], edges[4])
    assert program.chosen(without_values()) is None


@pytest.mark.parametrize(
    ("bound", "with_fallback", "without"),
    # A fallback costs 6 more than an edge.
    [(0.0, 0, 0), (4.0, 0, 4), (4.5, 0, 5), (5.9, 0, 0), (7.5, 2, 0), (11.0, 5, 0), (12.0, 0, 0)],
)
def test_bound_for__only_with_as_many_fallbacks(
    bound: float, with_fallback: int, without: int
) -> None:
    program = _Program(priced(), 2)
    one, none = solution(program.market, 1, 2), solution(program.market, 0, 3)
    assert program.bound_for(one, without_values(bound)) == with_fallback
    assert program.bound_for(none, without_values(bound)) == without


def solution(market: AssetMarket, *numbers: int) -> Solution:
    return Solution(tuple(market.edges[each] for each in numbers), (1,) * len(numbers))


def test_better__fewer_fallbacks_then_fewer_edges_and_the_higher_bound() -> None:
    market = priced()
    two, three, fallback = solution(market, 0, 1), solution(market, 0, 1, 3), solution(market, 2)
    nothing = Mixed(None, 3)

    assert Mixed(three, 1).better(Mixed(two, 2)) == Mixed(two, 2)
    assert Mixed(two, 2).better(Mixed(three, 1)) == Mixed(two, 2)
    assert Mixed(three, 1).better(Mixed(fallback, 1)) == Mixed(three, 1)
    assert nothing.better(Mixed(two, 2)) == Mixed(two, 3)
    assert Mixed(two, 2).better(nothing) == Mixed(two, 3)
    assert nothing.better(Mixed(None, 1)) == nothing


def test_mixed_integer__choice_that_does_not_hold__is_excluded(solver: Solver) -> None:
    # A alone has too little, which only exact amounts show.
    market = market_of({"A": 4, "B": 9}, {"T": 5}, [route("A", "T"), route("B", "T")])
    solver.answers = [
        values(1, 0, 0.9, 0, bound=1.0),
        values(1, 1, 0.1, 0.9, bound=2.0),
    ]

    found = mixed_integer(market, 1, endless())

    assert found == Mixed(Solution(tuple(market.edges), (4, 1), finished=False), 2)
    assert solver.rows[-1] == ({0: -1.0, 1: 1.0}, 0.0, ENDLESS)


@pytest.mark.parametrize(("least", "bound", "expected"), [(1, 0.0, 1), (1, 2.0, 2), (3, 2.0, 3)])
def test_mixed_integer__bound__is_the_higher_of_both(
    least: int, bound: float, expected: int, solver: Solver
) -> None:
    solver.answers = [values(1, 0, 1, 0, bound=bound)]
    assert mixed_integer(plain("A", "B"), least, endless()).lower_bound == expected


@pytest.mark.parametrize("left", [0.0, -1.0])
def test_mixed_integer__no_time__asks_nothing(left: float, solver: Solver) -> None:
    deadline = PlanningDeadline(left, lambda: 0.0)
    assert mixed_integer(plain("A"), 1, deadline) == Mixed(None, 1)
    assert solver.costs == []


def test_mixed_integer__little_time__asks_once(solver: Solver) -> None:
    solver.answers = [values(1, 1)]
    assert mixed_integer(plain("A"), 1, PlanningDeadline(0.5, lambda: 0.0)).solution is not None


def test_mixed_integer__solver_finds_nothing__is_not_asked_again(solver: Solver) -> None:
    solver.answers = [without_values()]
    assert mixed_integer(plain("A"), 1, endless()) == Mixed(None, 1)


def test_exactly__in_order_of_names_or_none_without_amounts_or_time() -> None:
    market = plain("A", "B")
    for finished in (True, False):
        found = exactly(market, market.edges[::-1], endless(), finished=finished)
        assert found == Solution(tuple(market.edges), (4, 1), finished=finished)
    assert exactly(market, market.edges, passed(), finished=True) is None
    poor = market_of({"A": 4}, {"T": 5}, [route("A", "T")])
    assert exactly(poor, poor.edges, endless(), finished=True) is None


def taking(size: int, chosen: Iterable[int]) -> SolverResult:
    numbers = [0.0] * (2 * size)
    for index in chosen:
        numbers[index] = 1.0
    return values(*numbers)


def test_smallest_names__blocks__are_fixed_one_after_another(solver: Solver) -> None:
    # A block has sixteen edges.
    size = 19
    market = plain(*(f"S{index:02}" for index in range(size)))
    solver.answers = [taking(size, [3, 16]), taking(size, [3, 18])]
    known = solution(market, 5, 6)

    found = smallest_names(market, known, endless())

    chosen = (market.edges[3], market.edges[18])
    assert found == Solution(chosen, (4, 1), finished=True)
    first, second = solver.costs
    assert first[:size] == [-(2.0 ** (15 - index)) for index in range(16)] + [0.0] * 3
    assert second[:size] == [0.0] * 16 + [-4.0, -2.0, -1.0]
    assert [low[:size] for low, _ in solver.bounds] == [
        [0.0] * size,
        [float(index == 3) for index in range(size)],
    ]
    assert [high[:size] for _, high in solver.bounds] == [
        [1.0] * size,
        [float(index == 3 or index >= 16) for index in range(size)],
    ]
    every = dict.fromkeys(range(size), 1.0)
    assert solver.rows[-2:] == [(every, 2, ENDLESS), (every, -ENDLESS, 2)]


def test_smallest_names__not_proven__is_none(solver: Solver) -> None:
    solver.answers = [without_values()]
    market = plain("A", "B")
    assert smallest_names(market, solution(market, 1), endless()) is None


@pytest.mark.parametrize(
    ("second", "is_asked"),
    [
        ({}, True),
        ({"fee": 1}, False),
        ({"fee_bps": Fraction(1)}, False),
        ({"seconds": Fraction(1)}, False),
    ],
)
def test_smallest_names__routes_differ_in_more_than_names__is_none(
    second: dict[str, Any], is_asked: bool, solver: Solver
) -> None:
    routes = [route("A", "T"), route("B", "T", **second)]
    market = market_of({"A": 9, "B": 9}, {"T": 5}, routes)
    solver.answers = [taking(2, [0])]

    found = smallest_names(market, solution(market, 1), endless())

    assert (found is not None) is is_asked
    assert len(solver.costs) == is_asked


def test_smallest_names__the_last_differs_from_the_first_in_time__is_none(solver: Solver) -> None:
    routes = [route("A", "T", seconds=Fraction(2)), route("B", "T", seconds=Fraction(3))]
    market = market_of({"A": 9, "B": 9}, {"T": 5}, routes)
    assert smallest_names(market, solution(market, 1), endless()) is None
    assert solver.costs == []
