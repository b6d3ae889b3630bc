"""Tests of the exact search against every set of edges, and of each of its bounds."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations
from typing import Any

import pytest

from keepers.planning.inventory import search as module
from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.flow import SharedCapacity
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.options import Option
from keepers.planning.inventory.search import Partial, Rest, Search
from keepers.planning.inventory.solution import OutOfTimeError, Solution
from tests.unit.planning.inventory.markets import endless, limit, market_of, passed, route


def every_set(edges: Sequence[Edge]) -> Iterator[tuple[Edge, ...]]:
    """Return all sets of edges, the fewest fallbacks first, then the fewest edges."""
    sets = (each for size in range(1, len(edges) + 1) for each in combinations(edges, size))
    return iter(sorted(sets, key=lambda each: (sum(e.fallback for e in each), len(each))))


def best_of_all(market: AssetMarket) -> tuple[list[tuple[str, str, str]], list[int]] | None:
    """Return names and steps of the best set by fallbacks, number, fee, seconds and names."""
    found: list[tuple[Any, ...]] = []
    for chosen in every_set(market.edges):
        size = (sum(edge.fallback for edge in chosen), len(chosen))
        if found and size > found[0][0]:
            break
        if {edge.sink for edge in chosen} != set(range(len(market.deficits))):
            continue
        amounts = Amounts(market, chosen, endless())
        cheapest = amounts.cheapest()
        if cheapest is not None:
            seconds = max(edge.seconds for edge in chosen)
            names = [edge.name for edge in chosen]
            found.append((size, cheapest[0], seconds, names, amounts.best()))
    return (min(found)[3], min(found)[4]) if found else None


def some_market(seed: int) -> AssetMarket:
    """Return a random market: at most seven routes of two sources, with all route options."""
    source = random.Random(seed)
    supplies = {name: (source.randint(5, 14), source.choice([0, 0, 1])) for name in "AB"}
    needs = {name: source.randint(1, 8) for name in source.choice(["T", "TU", "TU", "TUV"])}
    routes = [
        route(
            give,
            take,
            name,
            fallback=source.random() < 0.3,
            fee=source.choice([0, 0, 1, 2]),
            fee_bps=Fraction(source.choice([0, 0, 1_000])),
            seconds=Fraction(source.randint(1, 3)),
            maximum=source.choice([None, None, 4, 40]),
        )
        for give in "AB"
        for take in needs
        for name in "RS"
    ]
    kept = source.sample(routes, min(len(routes), 7))
    limits = [limit("A", source.randint(3, 90), "R")] if source.random() < 0.4 else []
    units = {name: (amount * 10**size, size) for name, (amount, size) in supplies.items()}
    return market_of(units, dict(needs), kept, limits)


@pytest.mark.parametrize("seed", range(45))
def test_solve__random_markets__is_the_best_of_all_sets_of_edges(seed: int) -> None:
    market = some_market(seed)
    search = Search(market, endless())

    found = search.solve() if search.coverable else None

    expected = best_of_all(market)
    if expected is None:
        assert found is None
    else:
        assert found is not None
        assert found.finished
        assert ([edge.name for edge in found.edges], list(found.steps)) == expected


def test_empty_choice__takes_nothing() -> None:
    assert Partial() == Partial((), 0, 0, Fraction(0), 0)
    assert Rest() == Rest(0, 0, 0, Fraction(0), 0)


def option(*edges: Edge, **more: Any) -> Option:
    usual: dict[str, Any] = {"fallbacks": 0, "fee": 0, "seconds": Fraction(0), "rank": 0}
    return Option(edges, **(usual | more))


def test_with_option__adds_edges_fallbacks_and_fees_and_keeps_the_longest_time() -> None:
    first, second = pair().edges
    partial = Partial((first,), 1, 5, Fraction(7), 8)

    longer = partial.with_option(option(second, fallbacks=2, fee=11, seconds=Fraction(9), rank=4))

    assert longer == Partial((first, second), 3, 16, Fraction(9), 12)
    assert partial.with_option(option(second, seconds=Fraction(6))).seconds == 7


def pair(**of_second: Any) -> AssetMarket:
    """Return a market in which A serves T, which lacks 5, and B serves U, which lacks 6."""
    routes = [route("A", "T"), route("B", "U", **of_second)]
    return market_of({"A": 9, "B": 9}, {"T": 5, "U": 6}, routes)


def test_search__before_anything_is_proven__starts_with_an_edge_for_each_trigger() -> None:
    market = market_of(
        {"A": (90, 1), "B": 4}, {"T": 5, "U": (60, 1)}, [route(s, t) for s in "AB" for t in "TU"]
    )
    search = Search(market, endless())

    assert (search.supplies, search.needs) == ([90, 40], [50, 60])
    assert (search.fallbacks, search.count, search.fewest, search.least) == (0, 2, [1, 1], 2)
    search.start(1, 1)
    assert (search.fallbacks, search.count) == (1, 2)
    search.start(0, 3)
    assert (search.fallbacks, search.count) == (0, 3)


@pytest.mark.parametrize(
    ("supply", "routes", "coverable"),
    [
        (11, ["AT", "AU"], True),
        # Each trigger alone could be served.
        (10, ["AT", "AU"], False),
        (11, ["AT"], False),
    ],
)
def test_coverable__all_triggers_at_once(supply: int, routes: list[str], coverable: bool) -> None:
    market = market_of({"A": supply}, {"T": 5, "U": 6}, [route(*each) for each in routes])
    assert Search(market, endless()).coverable is coverable


@pytest.mark.parametrize(("most", "possible"), [(10, True), (9, False), (8, False)])
def test_possible__limit_of_a_route__is_shared_by_its_edges(most: int, possible: bool) -> None:
    # A may send `most` by R to both, and 1 by S to U. A unit of T is ten units of U.
    routes = [route("A", "T", "R"), route("A", "U", "R"), route("A", "U", "S", maximum=1)]
    market = market_of({"A": 30}, {"T": 5, "U": (60, 1)}, routes, [limit("A", most, "R")])
    search = Search(market, endless())

    assert search.possible(market.edges) is possible
    assert search.possible(market.edges[::-1]) is possible


def test_possible__asks_the_largest_edge_first_with_limits_by_its_position(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def reaches(*given: Any) -> bool:
        asked.extend(given)
        return True

    monkeypatch.setattr(module, "reaches", reaches)
    # A unit of B is ten units of T and C, one of E a tenth; C's maximum is just above A's.
    routes = [route("A", "T", maximum=13), route("B", "T"), route("C", "T", maximum=14)]
    routes += [route("E", "T", maximum=125)]
    routes += [route("C", "U", "S"), route("C", "T", "S", maximum=5)]
    market = market_of(
        {"A": (99, 1), "B": (2, 0), "C": (99, 1), "E": (500, 2)},
        {"T": (60, 1), "U": (70, 1)},
        routes,
        [limit("C", 71, "S")],
    )

    assert Search(market, endless()).possible(market.edges)

    supplies, needs, arcs, pools = asked
    assert (supplies, needs) == ([990, 200, 990, 500], [600, 700])
    assert arcs == [(2, 1, 700), (1, 0, 200), (2, 0, 140), (0, 0, 130), (3, 0, 120), (2, 0, 50)]
    assert pools == [SharedCapacity(2, 710, frozenset({0, 5}))]


class Levels(Search):
    """Search that only records the levels that it tries."""

    tried: list[tuple[int, int]]

    def _level(self) -> Solution | None:
        self.tried.append((self.fallbacks, self.count))
        return None


def levels(start: tuple[int, int] | None, second: dict[str, Any]) -> list[tuple[int, int]]:
    routes = [route("A", "T"), route("B", "U", **second)]
    routes += [route("C", "U", "F", fallback=True), route("C", "T", "F", fallback=True)]
    market = market_of({"A": 9, "B": 9, "C": 20}, {"T": 5, "U": 6}, routes)
    search = Levels(market, endless())
    search.tried = []
    if start is not None:
        search.start(*start)
    assert search.solve() is None
    return search.tried


@pytest.mark.parametrize(
    ("start", "second", "tried"),
    [
        (None, {}, [(0, 2), (1, 2), (1, 3), (2, 2), (2, 3), (2, 4)]),
        ((0, 3), {}, [(1, 2), (1, 3), (2, 2), (2, 3), (2, 4)]),
        ((1, 3), {}, [(1, 3), (2, 2), (2, 3), (2, 4)]),
        ((2, 4), {}, [(2, 4)]),
        # Ordinary routes do not suffice, so that fewer than three edges are not excluded.
        (None, {"maximum": 5}, [(1, 2), (1, 3), (2, 2), (2, 3), (2, 4)]),
        ((0, 3), {"maximum": 5}, [(1, 2), (1, 3), (2, 2), (2, 3), (2, 4)]),
        ((1, 3), {"maximum": 5}, [(1, 3), (2, 2), (2, 3), (2, 4)]),
    ],
)
def test_solve__nothing_is_found__every_number_of_fallbacks_and_edges_was_tried(
    start: tuple[int, int] | None, second: dict[str, Any], tried: list[tuple[int, int]]
) -> None:
    assert levels(start, second) == tried


def test_solve__more_fallbacks_than_triggers__needs_as_many_edges() -> None:
    routes = [route(source, "T", fallback=True, maximum=2) for source in "ABC"]
    market = market_of({"A": 2, "B": 2, "C": 2}, {"T": 6}, routes)
    search = Levels(market, endless())
    search.tried = []

    assert search.solve() is None
    assert search.tried == [(1, 1), (2, 2), (3, 3)]


NO_SIZES: list[list[int]] = [[], []]


@pytest.mark.parametrize(
    ("count", "sizes"), [(2, NO_SIZES), (3, [[2], [1, 1]]), (4, [[2, 3], [1, 1, 2]])]
)
def test_level__number_of_edges__bounds_those_into_each_trigger(
    count: int, sizes: list[list[int]]
) -> None:
    # T needs two of three sources; U needs one of two.
    routes = [route(source, "T", maximum=4) for source in "AB"]
    routes += [route("C", "T", maximum=3), route("A", "U"), route("B", "U", fee=1)]
    market = market_of({"A": 9, "B": 9, "C": 9}, {"T": 8, "U": 4}, routes)
    search = Search(market, endless())
    search.start(0, count)

    found = search._level()

    assert (found is None) == (count == 2)
    assert [[len(each.edges) for each in options] for options in search.options] == sizes


def test_options_into__more_fallbacks_than_allowed__are_left_out_and_the_best_come_first() -> None:
    routes = [route("A", "T", fee=1), route("B", "T"), route("C", "T", fallback=True)]
    routes.append(route("D", "T"))
    market = market_of(dict.fromkeys("ABCD", 9), {"T": 5}, routes)
    search = Search(market, endless())

    def names() -> list[str]:
        return ["".join(edge.name[0] for edge in each.edges) for each in found]

    found = search._options_into(0, range(1, 2))
    assert names() == ["B", "D", "A"]
    # The first name has the highest bit.
    assert [each.rank.bit_length() - found[1].rank.bit_length() for each in found] == [2, 0, 3]
    search.start(1, 1)
    found = search._options_into(0, range(1, 2))
    assert names() == ["B", "D", "A", "C"]


def test_bound_rest__sums_what_each_trigger_takes_at_best() -> None:
    first, second = pair().edges
    search = Search(pair(), endless())
    search.options = [
        [option(first, fallbacks=1, fee=5, seconds=Fraction(9), rank=1)],
        [
            option(first, second, fallbacks=3, fee=7, seconds=Fraction(4), rank=8),
            option(first, fallbacks=4, fee=6, seconds=Fraction(5), rank=4),
        ],
        [option(first, second, fallbacks=2, fee=11, seconds=Fraction(2), rank=2)],
    ]

    assert search._bound_rest() == [
        Rest(4, 6, 22, Fraction(9), 11),
        Rest(3, 5, 17, Fraction(4), 10),
        Rest(2, 2, 11, Fraction(2), 2),
        Rest(0, 0, 0, Fraction(0), 0),
    ]


def extending(best: tuple[int, int, int] | None = None) -> Search:
    """Return a search whose second trigger takes 2 fallbacks, a fee of 10, 3 seconds, bit 1."""
    market = pair()
    search = Search(market, endless())
    search.fallbacks, search.count = 3, 2
    search.options = [[], []]
    search.rest = [Rest(), Rest(1, 2, 10, Fraction(3), 1), Rest()]
    if best is not None:
        fee, seconds, rank = best
        search.best = ((fee, Fraction(seconds), -rank), Partial())
    return search


@pytest.mark.parametrize(
    ("edges", "more", "best", "is_kept"),
    [
        (1, {}, None, True),
        (2, {}, None, False),
        (1, {"fallbacks": 1}, None, True),
        (1, {"fallbacks": 2}, None, False),
        (1, {"fee": 5}, (16, 0, 0), True),
        (1, {"fee": 5}, (14, 9, 9), False),
        (1, {"fee": 5}, (15, 4, 0), True),
        (1, {"fee": 5}, (15, 2, 0), False),
        (1, {"fee": 5, "seconds": Fraction(4)}, (15, 3, 0), False),
        (1, {"fee": 5, "rank": 4}, (15, 3, 4), True),
        # An option equal to the best is not better.
        (1, {"fee": 5, "rank": 4}, (15, 3, 5), False),
        (1, {"fee": 5, "rank": 4}, (15, 3, 6), False),
    ],
)
def test_extend__first_of_two_triggers__kept_while_it_can_become_the_best(
    edges: int, more: dict[str, Any], best: tuple[int, int, int] | None, is_kept: bool
) -> None:
    search = extending(best)
    first = search.market.edges[0]
    chosen = option(*[first] * edges, **more)

    found = search._extend(1, Partial(), chosen)

    assert found == (Partial().with_option(chosen) if is_kept else None)


@pytest.mark.parametrize(("edges", "is_kept"), [("", False), ("U", True), ("UU", False)])
def test_extend__last_trigger__takes_just_as_many_edges(edges: str, is_kept: bool) -> None:
    search = extending()
    first, second = search.market.edges
    partial = Partial((first,))
    found = search._extend(2, partial, option(*[second] * len(edges)))
    assert (found is not None) is is_kept


def test_extend__sources_do_not_suffice_for_the_rest__is_left() -> None:
    # A serves both; if it serves T, too little is left for U.
    routes = [route("A", "T"), route("B", "T"), route("A", "U")]
    market = market_of({"A": 8, "B": 8}, {"T": 5, "U": 6}, routes)
    search = Search(market, endless())
    search.options, search.rest = [[], []], [Rest(), Rest(1), Rest()]
    a_t, a_u, b_t = market.edges

    assert search._extend(1, Partial(), option(a_t)) is None
    assert search._extend(1, Partial(), option(b_t)) == Partial((b_t,))
    assert search._extend(2, Partial((a_t,)), option(a_u)) is None
    assert search._extend(2, Partial((b_t,)), option(a_u)) == Partial((b_t, a_u))
    search.deadline = passed()
    with pytest.raises(OutOfTimeError):
        search._extend(1, Partial(), option(b_t))


@pytest.mark.parametrize(
    ("seconds", "rank", "most"),
    [(2, 0, 20), (3, 5, 20), (3, 4, 19), (3, 3, 19), (4, 9, 19)],
)
def test_consider__a_known_solution__has_to_be_cheaper_unless_the_rest_is_better(
    seconds: int, rank: int, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def cheapest(_: Amounts, most_fee: int | None) -> tuple[int, list[int]] | None:
        asked.append(most_fee)
        return (7, [5, 6]) if len(asked) == 2 else None

    monkeypatch.setattr(Amounts, "cheapest", cheapest)
    search = Search(pair(), endless())
    chosen = Partial(tuple(search.market.edges), seconds=Fraction(seconds), rank=rank)
    before = ((20, Fraction(3), -4), Partial())
    search.best = before

    search._consider(chosen)
    assert (search.best, search.steps) == (before, [])
    search._consider(chosen)
    assert (search.best, search.steps) == (((7, Fraction(seconds), -rank), chosen), [5, 6])
    assert asked == [most, most]


class Interrupted(Search):
    """Search that runs out of time, with or without a solution found before."""

    finds: bool

    def _explore(self) -> None:
        if self.finds:
            self._consider(Partial(tuple(self.market.edges)))
        raise OutOfTimeError


def test_level__time_is_over__answers_with_what_was_found() -> None:
    search = Interrupted(pair(), endless())
    search.finds = True

    found = search._level()

    assert found == Solution(tuple(search.market.edges), (5, 6), finished=False)
    search.finds = False
    with pytest.raises(OutOfTimeError):
        search._level()


def test_finish__time_is_over__keeps_the_amounts_of_the_search() -> None:
    search = Search(pair(), endless())
    first, second = search.market.edges
    search.steps = [4, 3]

    finished = search._finish(Partial((second, first)), finished=True)

    assert finished == Solution((first, second), (5, 6), finished=True)
    search.deadline = passed()
    assert search._finish(Partial((second, first)), finished=True) == Solution(
        (first, second), (4, 3), finished=False
    )
