"""Tests of the choice of the method and of the use of its result."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import pytest

from keepers.planning.inventory import fewest as module
from keepers.planning.inventory.fewest import (
    Fewest,
    _break_ties,
    _forest,
    _free_solution,
    _greedy,
    _large,
    _packed,
    _quickest,
    _split,
    fewest_transfers,
)
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.mixed import Mixed
from keepers.planning.inventory.packing import UndecidedError
from keepers.planning.inventory.search import Search
from keepers.planning.inventory.solution import (
    NOTHING,
    OutOfTimeError,
    PlanningDeadline,
    Solution,
)
from keepers.planning.inventory.trees import Forest
from tests.unit.planning.inventory.markets import answer, endless, market_of, passed, route


def split_market(**of_second: Any) -> AssetMarket:
    """Return a market in which T lacks 9 and needs both A and B, with 5 each."""
    return market_of({"A": 5, "B": 5}, {"T": 9}, [route("A", "T"), route("B", "T", **of_second)])


def triangle(**of_all: Any) -> AssetMarket:
    """Return a market in which A, B and C serve T and U; each deficit fits into one source."""
    routes = [route(source, sink, **of_all) for source in "ABC" for sink in "TU"]
    return market_of(dict.fromkeys("ABC", 9), {"T": 5, "U": 6}, routes)


def unasked(*_: object, **__: object) -> Any:
    raise AssertionError


def solution(market: AssetMarket, *numbers: int, finished: bool = True) -> Solution:
    edges = tuple(market.edges[each] for each in numbers)
    return Solution(edges, (1,) * len(numbers), finished=finished)


@pytest.mark.parametrize(
    ("finished", "bound", "optimal"), [(True, 2, True), (True, 1, False), (False, 2, False)]
)
def test_optimal__finished_and_as_few_as_the_bound(
    finished: bool, bound: int, optimal: bool
) -> None:
    assert Fewest(solution(triangle(), 0, 1, finished=finished), bound).optimal is optimal


def test_fewest_transfers__nothing_to_do__is_nothing() -> None:
    assert fewest_transfers(market_of({"A": 9}, {}), endless()) == Fewest(NOTHING, 0)


def test_fewest_transfers__not_coverable__is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "packed", unasked)
    assert fewest_transfers(market_of({"A": 9}, {"T": 10}), endless()) is None


def test_fewest_transfers__packed__is_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    market = triangle()
    found = solution(market, 0, 3)
    monkeypatch.setattr(module, "packed", answer(found))
    assert fewest_transfers(market, endless()) == Fewest(found, 2)


@pytest.mark.parametrize(("fee", "seconds"), [(0, 0), (1, 0), (0, 1)])
def test_fewest_transfers__one_source_is_not_enough__takes_both(fee: int, seconds: int) -> None:
    market = split_market(fee=fee, seconds=Fraction(seconds))
    assert fewest_transfers(market, endless()) == Fewest(Solution(tuple(market.edges), (5, 4)), 2)


@pytest.mark.parametrize("impossible", [True, False])
def test_fewest_transfers__not_packed__goes_on_with_what_is_certain(
    impossible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []

    def split(*_: object, impossible: bool) -> None:
        asked.append(impossible)

    monkeypatch.setattr(module, "packed", answer(None if impossible else UndecidedError()))
    monkeypatch.setattr(module, "_split", split)

    assert fewest_transfers(triangle(), endless()) is None
    assert asked == [impossible]


def test_packed__undecided__is_neither_found_nor_impossible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = triangle()
    found = solution(market, 0, 3)
    for result, expected in [
        (found, (found, False)),
        (None, (None, True)),
        (UndecidedError(), (None, False)),
    ]:
        monkeypatch.setattr(module, "packed", answer(result))
        assert _packed(market, endless()) == expected


@pytest.mark.parametrize(("chains", "is_large"), [(14, False), (15, True)])
@pytest.mark.parametrize("impossible", [True, False])
def test_split__chains__up_to_the_most_are_planned_exactly(
    chains: int, is_large: bool, impossible: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = market_of(
        {f"S{index:02}": 9 for index in range(chains - 6)}, {f"T{index}": 1 for index in range(6)}
    )
    asked: list[bool] = []
    large, small = Fewest(solution(market, 0), 1), solution(market, 1)

    def note(*_: object, impossible: bool) -> Fewest:
        asked.append(impossible)
        return large

    monkeypatch.setattr(module, "_large", note)
    monkeypatch.setattr(module, "_forest", answer(Forest((), 0)))
    monkeypatch.setattr(module, "_free_solution", answer(small))
    monkeypatch.setattr(Search, "solve", answer(small))

    found = _split(market, Search(market, endless()), endless(), impossible=impossible)

    assert found == (large if is_large else Fewest(small, 1))
    assert asked == ([impossible] if is_large else [])


def searched(market: AssetMarket, *, impossible: bool) -> tuple[Fewest | None, tuple[int, int]]:
    search = Search(market, endless())
    found = _split(market, search, endless(), impossible=impossible)
    return found, (search.fallbacks, search.count)


def test_split__forest__is_the_start_of_the_search_where_it_is_no_solution(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = triangle()
    known = solution(market, 0, 1, 2)
    monkeypatch.setattr(Search, "solve", answer(known))
    monkeypatch.setattr(module, "_free_solution", answer(None))
    monkeypatch.setattr(module, "_forest", answer(Forest(known.edges, 1)))

    assert searched(market, impossible=True) == (Fewest(known, 3), (1, 3))
    # If a packing may exist, fewer edges are not excluded.
    assert searched(market, impossible=False) == (Fewest(known, 3), (0, 2))
    monkeypatch.setattr(Search, "solve", answer(None))
    assert searched(market, impossible=True)[0] is None
    monkeypatch.setattr(module, "_forest", answer(None))
    monkeypatch.setattr(Search, "solve", unasked)
    assert searched(market, impossible=True)[0] is None


class Parts:
    """Fake parts of the method for large markets, which record the bounds they get."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.grouped: Mixed | None = None
        self.mixed = Mixed(None, 0)
        self.greedy: tuple[Solution, list[int]] = (NOTHING, [])
        self.bounds: list[tuple[str, int]] = []
        self.left: list[float] = []
        self.ties: list[Solution] = []
        self.by_ties: Solution | None = None
        monkeypatch.setattr(module, "grouped", self._grouped)
        monkeypatch.setattr(module, "mixed_integer", self._mixed)
        monkeypatch.setattr(module, "greedy_solution", self._greedy)
        monkeypatch.setattr(module, "_break_ties", self._break_ties)

    def _grouped(self, _: object, least: int, deadline: PlanningDeadline) -> Mixed | None:
        self.bounds.append(("grouped", least))
        self.left.append(deadline.left)
        return self.grouped

    def _mixed(self, _: object, least: int, deadline: PlanningDeadline) -> Mixed:
        self.bounds.append(("mixed", least))
        self.left.append(deadline.left)
        return self.mixed

    def _greedy(self, _: object) -> tuple[Solution, list[int]]:
        return self.greedy

    def _break_ties(self, _: object, known: Solution) -> Solution:
        self.ties.append(known)
        return self.by_ties or known


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch) -> Parts:
    return Parts(monkeypatch)


def large(market: AssetMarket, *, impossible: bool = False) -> Fewest | None:
    deadline = PlanningDeadline(8.0, lambda: 0.0)
    return _large(market, Search(market, deadline), deadline, impossible=impossible)


def test_large__groups_meet_their_bound__are_the_answer(parts: Parts) -> None:
    market = triangle()
    found = solution(market, 0, 3)
    parts.grouped = Mixed(found, 2)

    assert large(market) == Fewest(found, 2)
    assert (parts.bounds, parts.left) == ([("grouped", 2)], [4.0])
    assert parts.ties == [found]
    parts.by_ties = solution(market, 0, 2)
    assert large(market) == Fewest(parts.by_ties, 2)


def test_large__groups_above_their_bound__the_solver_is_asked_from_there(parts: Parts) -> None:
    market = triangle()
    three, two = solution(market, 0, 1, 2), solution(market, 0, 3)
    parts.grouped = Mixed(three, 1)
    parts.mixed = Mixed(None, 2)

    assert large(market) == Fewest(three, 2)
    assert (parts.bounds, parts.left) == ([("grouped", 2), ("mixed", 1)], [4.0, 8.0])
    # Three edges are more than the bound of two, so that ties do not matter.
    assert parts.ties == []
    parts.mixed = Mixed(two, 1)
    assert large(market) == Fewest(two, 1)
    assert parts.ties == []


@pytest.mark.parametrize("groups", [None, Mixed(None, 2)])
def test_large__no_groups__the_solver_is_asked(groups: Mixed | None, parts: Parts) -> None:
    market = triangle()
    found = solution(market, 0, 3)
    parts.grouped, parts.mixed = groups, Mixed(found, 2)
    assert large(market) == Fewest(found, 2)
    assert parts.bounds == [("grouped", 2), ("mixed", 2)]
    assert parts.ties == [found]


def test_large__not_even_greedy_finds_anything__is_out_of_time(parts: Parts) -> None:
    market = triangle()
    parts.greedy = (solution(market, 0), [0])
    with pytest.raises(OutOfTimeError):
        large(market)


def test_large__greedy_has_fewest__is_taken_without_its_amounts(parts: Parts) -> None:
    market = triangle()
    parts.mixed = Mixed(solution(market, 0, 1, 3), 3)
    parts.greedy = (Solution((market.edges[0], market.edges[3]), (5, 6), amounts=(7, 8)), [0, 1])

    found = large(market)

    edges = (market.edges[0], market.edges[3])
    assert found == Fewest(Solution(edges, (5, 6), finished=False), 2)
    assert parts.ties == [Solution(edges, (5, 6), finished=False)]


def test_large__fallbacks__are_fewer_before_edges_and_leave_ties_open(parts: Parts) -> None:
    routes = [route(source, sink, fallback=source == "A") for source in "AB" for sink in "TU"]
    market = market_of({"A": 20, "B": 20}, {"T": 5, "U": 6}, routes)
    with_fallback, without = solution(market, 0, 1), solution(market, 1, 2, 3)
    parts.mixed = Mixed(with_fallback, 2)

    assert large(market) == Fewest(with_fallback, 2)
    assert parts.ties == []
    parts.greedy = (solution(market, 0, 1, 2), [0, 1])
    parts.mixed = Mixed(without, 3)
    assert large(market) == Fewest(without, 3)
    parts.mixed = Mixed(solution(market, 2, 3), 2)
    assert large(market) == Fewest(solution(market, 2, 3), 2)
    assert parts.ties == [solution(market, 2, 3)]


@pytest.mark.parametrize(
    ("impossible", "fallback", "least"), [(True, False, 3), (False, False, 2), (True, True, 2)]
)
def test_large__no_packing__needs_one_edge_more_where_there_are_no_fallbacks(
    impossible: bool, fallback: bool, least: int, parts: Parts
) -> None:
    routes = [route(s, t) for s in "AB" for t in "TU"]
    routes.append(route("C", "T", fallback=fallback))
    market = market_of(dict.fromkeys("ABC", 9), {"T": 5, "U": 6}, routes)
    with pytest.raises(OutOfTimeError):
        large(market, impossible=impossible)
    assert parts.bounds == [("grouped", least), ("mixed", least)]


@pytest.mark.parametrize(
    ("supplies", "needs", "routes", "least"),
    [
        # Number of largest surpluses; edges that each trigger needs; one edge per trigger.
        ({"A": 10, "B": 1, "C": 1, "D": 1}, {"T": 10, "U": 3}, None, 4),
        ({"A": 9, "B": 9, "C": 9}, {"T": 9, "U": 5}, [*("AU", "BU", "CT")], 3),
        ({"A": 9, "B": 9}, {"T": 9, "U": 5}, None, 2),
    ],
)
def test_large__bound__is_the_higher_of_two(
    supplies: dict[str, int],
    needs: dict[str, int],
    routes: list[str] | None,
    least: int,
    parts: Parts,
) -> None:
    given = None if routes is None else [route(*e, maximum=4 if e[1] == "U" else 9) for e in routes]
    market = market_of(dict(supplies), dict(needs), given)
    with pytest.raises(OutOfTimeError):
        large(market)
    assert parts.bounds[0] == ("grouped", least)


def tied(market: AssetMarket, known: Solution) -> tuple[Solution, tuple[int, int]]:
    search = Search(market, endless())
    found = _break_ties(search, known)
    return found, (search.fallbacks, search.count)


def test_break_ties__names_alone_tell__are_asked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    market = triangle()
    known, better = solution(market, 2, 3), solution(market, 0, 3)
    monkeypatch.setattr(module, "smallest_names", answer(better))
    monkeypatch.setattr(Search, "solve", unasked)
    assert tied(market, known) == (better, (0, 2))


@pytest.mark.parametrize("found", [OutOfTimeError(), None, solution(triangle(), 0)])
def test_break_ties__otherwise__the_search_starts_at_what_is_known(
    found: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = triangle(fallback=True)
    known = solution(market, 1, 2, 3)
    monkeypatch.setattr(module, "smallest_names", answer(None))
    monkeypatch.setattr(Search, "solve", answer(found))
    expected = found if isinstance(found, Solution) else known
    assert tied(market, known) == (expected, (3, 3))


@pytest.mark.parametrize(("edges", "is_searched"), [(600, True), (601, False)])
def test_break_ties__edges__up_to_the_most_are_searched(
    edges: int, is_searched: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    market = triangle()
    known, better = solution(market, 2, 3), solution(market, 0, 3)
    monkeypatch.setattr(module, "smallest_names", answer(None))
    monkeypatch.setattr(Search, "solve", answer(better))
    search = Search(market, endless())
    search.market.edges = [market.edges[0]] * edges
    assert _break_ties(search, known) == (better if is_searched else known)


def test_greedy__covers_all__is_unfinished_and_none_otherwise() -> None:
    market = triangle()
    edges = (market.edges[0], market.edges[3])
    assert _greedy(market) in {
        Solution((each, other), steps, finished=False)
        for each, other in [edges, (market.edges[1], market.edges[2])]
        for steps in [(5, 6), (6, 5)]
    }
    assert _greedy(market_of({"A": 9}, {"T": 5, "U": 6})) is None


@pytest.mark.parametrize(
    ("more", "is_free"), [({}, True), ({"fee": 1}, False), ({"fee_bps": Fraction(1)}, False)]
)
def test_free_solution__routes_that_charge__have_none(more: dict[str, Any], is_free: bool) -> None:
    market = split_market(**more)
    found = _free_solution(market, Forest(tuple(market.edges), 0), endless())
    assert found == (Solution(tuple(market.edges), (5, 4)) if is_free else None)


def test_free_solution__limits_or_units_stand_in_the_way__is_none() -> None:
    limited = split_market(maximum=3)
    assert _free_solution(limited, Forest(tuple(limited.edges), 0), endless()) is None
    # Neither sources nor triggers share a unit, and amounts are not whole in the coarsest.
    routes = [route("A", "T"), route("B", "U")]
    mixed = market_of({"A": (51, 1), "B": 9}, {"T": 5, "U": (81, 1)}, routes)
    assert _free_solution(mixed, Forest(tuple(mixed.edges), 0), endless()) is None


def timed(*seconds: int, first: int = 5) -> AssetMarket:
    """Return a market of sources A to E with 5 and a route of these seconds; T lacks 9."""
    names = "ABCDE"[: len(seconds)]
    routes = [
        route(name, "T", seconds=Fraction(each)) for name, each in zip(names, seconds, strict=True)
    ]
    return market_of(dict.fromkeys(names, 5) | {"A": first}, {"T": 9}, routes)


@pytest.mark.parametrize(
    ("seconds", "first", "expected", "asked"),
    [
        ((3, 3), "AB", "AB", []),
        ((9, 3, 3), "AB", "BC", [3]),
        ((9, 3, 5), "AB", "BC", [5, 3]),
        ((9, 3, 5, 7), "AB", "BC", [5, 3]),
        ((9, 2, 7, 8), "AB", "BC", [7, 2]),
        # Routes slower than those of the first forest are not tried.
        ((4, 6, 9, 9), "AB", "AB", [4]),
        ((4, 9, 9, 6), "AD", "AD", [4]),
        ((1, 2, 3, 4, 5), "DE", "AB", [3, 2, 1]),
    ],
)
def test_quickest__slowest_route__takes_the_least_time(
    seconds: tuple[int, ...],
    first: str,
    expected: str,
    asked: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = timed(*seconds)
    tried: list[int] = []

    def forest(_: AssetMarket, edges: Sequence[Edge], deadline: PlanningDeadline) -> Forest | None:
        tried.append(int(max(edge.seconds for edge in edges)))
        return _forest(market, list(edges), deadline)

    monkeypatch.setattr(module, "_forest", forest)
    start = Forest(tuple(edge for edge in market.edges if edge.name[0] in first), 0)

    found = _quickest(market, start, endless())

    assert "".join(edge.name[0] for edge in found.edges) == expected
    assert tried == asked


def test_quickest__a_time_fails__the_next_is_tried() -> None:
    market = timed(1, 2, 3, 4, first=1)
    start = Forest((market.edges[1], market.edges[3]), 0)
    assert _quickest(market, start, endless()).edges == (market.edges[1], market.edges[2])


def test_quickest__more_edges_or_fallbacks__are_not_the_same() -> None:
    # Two sources of 5 take 1 second, one of 9 takes 2 seconds; the fallback takes 1 second.
    routes = [route("A", "T", seconds=Fraction(1)), route("B", "T", seconds=Fraction(1))]
    routes += [route("C", "T", seconds=Fraction(2))]
    routes += [route("D", "T", seconds=Fraction(1), fallback=True)]
    market = market_of({"A": 5, "B": 5, "C": 9, "D": 9}, {"T": 9}, routes)
    start = Forest((market.edges[2],), 0)
    assert _quickest(market, start, endless()) == start
    only = market_of({"C": 9, "D": 9}, {"T": 9}, routes[2:])
    start = Forest((only.edges[0],), 0)
    assert _quickest(only, start, endless()) == start


def test_forest__one_source_for_two_triggers__has_a_route_to_each() -> None:
    market = market_of({"A": 9}, {"T": 4, "U": 5})
    assert _forest(market, market.edges, endless()) == Forest(tuple(market.edges), 0)


def test_forest__several_routes_of_a_pair__the_first_that_is_no_fallback() -> None:
    routes = [
        route("A", "T", "P", fallback=True),
        route("A", "T", "R"),
        route("A", "T", "S"),
        route("B", "T", "P", fallback=True),
        route("B", "T", "Q", fallback=True),
    ]
    market = market_of({"A": 5, "B": 5}, {"T": 9}, routes)

    found = _forest(market, market.edges, endless())

    assert found == Forest((market.edges[1], market.edges[3]), 1)
    with pytest.raises(OutOfTimeError):
        _forest(market, market.edges, passed())


@pytest.mark.parametrize(
    ("supply", "need", "sent"),
    [
        # In the trigger's coarse unit, supplies are rounded down.
        ((59, 1), 5, "A"),
        ((49, 1), 5, "AB"),
        # In the source's coarse unit, needs are rounded up.
        (5, (50, 1), "A"),
        (5, (51, 1), "AB"),
    ],
)
def test_forest__other_decimals__counts_in_one_unit(supply: Any, need: Any, sent: str) -> None:
    market = market_of({"A": supply, "B": supply}, {"T": need})
    found = _forest(market, market.edges, endless())
    assert found is not None
    assert "".join(edge.name[0] for edge in found.edges) == sent


def test_forest__no_common_unit__counts_in_the_finest(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def best_forest(*given: Any) -> None:
        asked.extend(given[:2])

    monkeypatch.setattr(module, "best_forest", best_forest)
    market = market_of({"A": (51, 1), "B": 9}, {"T": 5, "U": (81, 1)})
    assert _forest(market, market.edges, endless()) is None
    assert asked == [[51, 90], [50, 81]]
