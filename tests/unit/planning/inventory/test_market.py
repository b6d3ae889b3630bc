"""Tests of edges and their arithmetic, at each bound."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.planning.inventory.market import Edge, common_units, simple_bound
from tests.unit.planning.inventory.markets import Units, limit, market_of, rated_market, route


def edge_of(has: Units, lacks: Units, **more: Any) -> Edge | None:
    edges = market_of({"A": has}, {"T": lacks}, [route("A", "T", **more)]).edges
    return edges[0] if edges else None


def bounds(edge: Edge | None) -> tuple[int, int, int, int] | None:
    return None if edge is None else (edge.low, edge.high, edge.least, edge.most)


@pytest.mark.parametrize(
    ("has", "lacks", "more", "found"),
    [
        (10, 15, {}, (1, 10, 1, 10)),
        (10, 7, {}, (1, 10, 1, 7)),
        # The fee is part of the amount sent: of 10, 8 arrive; of 3, 1 arrives.
        (10, 15, {"fee": 2}, (1, 10, 1, 8)),
        (3, 15, {"fee": 2}, (1, 3, 1, 1)),
        (2, 15, {"fee": 2}, None),
        (10, 15, {"minimum": 4}, (4, 10, 4, 10)),
        (10, 15, {"minimum": 10}, (10, 10, 10, 10)),
        (10, 15, {"minimum": 11}, None),
        (10, 4, {"minimum": 4}, (4, 10, 4, 4)),
        (10, 3, {"minimum": 4}, None),
        (10, 15, {"maximum": 6}, (1, 6, 1, 6)),
        (10, 15, {"maximum": 6, "minimum": 6}, (6, 6, 6, 6)),
        (10, 15, {"maximum": 0}, None),
        (10, 15, {"minimum": 0}, (1, 10, 1, 10)),
        # The fee is half of the amount, rounded up.
        (10, 15, {"fee_bps": Fraction(5_000)}, (1, 10, 1, 5)),
        (9, 15, {"fee_bps": Fraction(5_000)}, (1, 9, 1, 4)),
        (10, 15, {"fee_bps": Fraction(10_000)}, None),
        (10, 15, {"fee_bps": Fraction(9_999)}, None),
        (10_001, 15, {"fee_bps": Fraction(9_999)}, (1, 10_001, 1, 1)),
        (10, 15, {"fee": 1, "fee_bps": Fraction(5_000), "minimum": 8}, (8, 10, 3, 4)),
        # A unit of the source is ten units of the destination, and the reverse.
        ((3, 0), (25, 1), {}, (1, 3, 1, 3)),
        ((3, 0), (20, 1), {}, (1, 3, 1, 2)),
        ((3, 0), (21, 1), {}, (1, 3, 1, 3)),
        ((35, 1), (7, 0), {}, (1, 35, 1, 3)),
        ((9, 1), (7, 0), {}, None),
        ((35, 1), (7, 0), {"minimum": 25}, (25, 35, 2, 3)),
    ],
)
def test_edge__what_is_there_and_needed__bounds_amounts_and_steps(
    has: Units, lacks: Units, more: dict[str, Any], found: tuple[int, int, int, int] | None
) -> None:
    assert bounds(edge_of(has, lacks, **more)) == found


@pytest.mark.parametrize(
    ("has", "lacks", "units", "step", "token"),
    [
        ((90, 2), (90, 2), 1, 1, 1),
        ((90, 1), (900, 3), 1, 100, 100),
        ((900, 3), (90, 1), 100, 1, 1),
    ],
)
def test_edge__decimals__give_the_step_and_the_worth_of_a_unit(
    has: Units, lacks: Units, units: int, step: int, token: int
) -> None:
    edge = edge_of(has, lacks)
    assert edge is not None
    assert (edge.units_per_step, edge.step, edge.token) == (units, step, token)


def test_edge__fees__to_and_from_steps() -> None:
    """The fee is one unit plus a third of the amount; ten units are one step."""
    edge = edge_of((1_000, 1), (90, 0), fee=1, fee_bps=Fraction(10_000, 3), minimum=40)
    assert edge is not None

    assert [edge.charge(each) for each in (0, 1, 3, 4, 30)] == [1, 2, 2, 3, 11]
    assert [edge.steps(each) for each in (0, 1, 16, 17, 30, 31, 32, 33)] == [
        0, 0, 0, 1, 1, 1, 2, 2,
    ]  # fmt: skip
    # 11 plus half of it are 16.5; 21 plus half of it are 31.5.
    assert [edge.gross(each) for each in (1, 2, 3)] == [17, 32, 47]
    assert [edge.amount(each) for each in (1, 2, 3)] == [40, 40, 47]


def test_market__no_routes_given__one_free_route_between_any_two() -> None:
    market = market_of({"B": 1, "A": 1}, {"U": 1, "T": 1})
    assert [edge.name for edge in market.edges] == [
        ("A", "T", "ANY"),
        ("A", "U", "ANY"),
        ("B", "T", "ANY"),
        ("B", "U", "ANY"),
    ]
    assert [[edge.name[0] for edge in each] for each in market.into] == [["A", "B"], ["A", "B"]]
    assert [[edge.name[1] for edge in each] for each in market.drawing] == [["T", "U"]] * 2


def test_market__routes_between_others__are_left_out() -> None:
    routes = [route("A", "T"), route("T", "A"), route("A", "X"), route("X", "T")]
    assert [e.name[:2] for e in market_of({"A": 1}, {"T": 1}, routes).edges] == [("A", "T")]


def test_market__limit_of_all_that_leaves__is_the_supply() -> None:
    routes = [route("A", "T")]
    below = market_of({"A": 10}, {"T": 20}, routes, [limit("A", 9)])
    above = market_of({"A": 10}, {"T": 20}, routes, [limit("A", 11)])
    assert (below.supplies, below.edges[0].high) == ([9], 9)
    assert (above.supplies, above.edges[0].high) == ([10], 10)


def test_market__limit_of_the_only_route__is_the_supply_too() -> None:
    routes = [route("A", "T"), route("A", "U")]
    market = market_of({"A": 10, "B": 5}, {"T": 8, "U": 8}, routes, [limit("A", 9, "R")])
    assert (market.supplies, market.capacities, market.pools) == ([9, 5], [9, 5], {})
    assert [edge.draws for edge in market.edges] == [(0,), (0,)]


@pytest.mark.parametrize(
    ("most", "is_pooled"),
    [(15, True), (16, False), (17, False)],
)
def test_market__limit_that_routes_share__counts_where_it_can_be_reached(
    most: int, is_pooled: bool
) -> None:
    # The two edges of R could take 8 each; S is another route out of A.
    routes = [
        route("A", "T", maximum=8),
        route("A", "U", maximum=8),
        route("A", "T", "S"),
    ]
    market = market_of({"A": 30}, {"T": 20, "U": 20}, routes, [limit("A", most, "R")])

    assert market.pools == ({1: 0} if is_pooled else {})
    assert market.capacities == ([30, 15] if is_pooled else [30])
    assert market.supplies == [30]
    assert [len(edge.draws) for edge in market.edges] == ([2, 1, 2] if is_pooled else [1, 1, 1])


def test_market__limit_above_the_supply__is_none() -> None:
    routes = [route("A", "T"), route("A", "T", "S")]
    market = market_of({"A": 10}, {"T": 20}, routes, [limit("A", 10, "R")])
    assert market.pools == {}


def test_market__limits_of_two_sources__each_is_looked_at() -> None:
    routes = [route(source, sink) for source in "ABC" for sink in "TU"]
    routes += [route("A", "T", "S"), route("C", "T", "S")]
    limits = [limit("A", 99, "R"), limit("B", 7, "R"), limit("C", 6, "R")]
    market = market_of({"A": 10, "B": 10, "C": 10}, {"T": 20, "U": 20}, routes, limits)

    # The limit of A cannot be reached; B has no other route, C has one.
    assert (market.supplies, market.capacities) == ([10, 7, 10], [10, 7, 10, 6])
    assert market.pools == {3: 2}


def test_market__nothing_to_give_and_nobody_in_need__has_no_decimals() -> None:
    assert market_of({}, {}).finest == 0


def test_for_triggers__some__keeps_sources_routes_and_limits() -> None:
    market = market_of({"A": 10}, {"T": 4, "U": 5}, [route("A", "U")], [limit("A", 9)])
    smaller = market.for_triggers([1])
    assert ([each.chain for each in smaller.triggers], smaller.supplies) == (["U"], [9])
    assert [edge.name[1] for edge in smaller.edges] == ["U"]
    assert market.for_triggers([0, 1]) is market


def test_finest__units_of_each_side__in_the_finest_token() -> None:
    market = market_of({"A": (3, 0), "B": (30, 1)}, {"T": (400, 2)})
    assert market.finest == 2
    assert [market.supply_in_finest(each) for each in (0, 1)] == [300, 300]
    assert market.deficit_in_finest(0) == 400
    assert market_of({"A": (3, 2)}, {"T": (4, 0)}).deficit_in_finest(0) == 400


@pytest.mark.parametrize(
    ("needs", "bound"),
    [
        ({"T": 9}, 1),
        ({"T": 10}, 1),
        ({"T": 11}, 2),
        ({"T": 16}, 3),
        ({"T": 40}, 3),
        ({"T": 1, "U": 1}, 2),
    ],
)
def test_simple_bound__triggers_or_largest_surpluses__whichever_are_more(
    needs: dict[str, Units], bound: int
) -> None:
    market = market_of({"A": 2, "B": 10, "C": 5}, needs)
    assert simple_bound(market, range(len(needs))) == bound


def test_simple_bound__other_decimals__compares_tokens() -> None:
    def bound(need: int) -> int:
        return simple_bound(market_of({"A": (1, 0), "B": (99, 2)}, {"T": (need, 1)}), [0])

    assert [bound(need) for need in (10, 11)] == [1, 2]
    assert simple_bound(market_of({"A": 1}, {"T": 1}), []) == 0


@pytest.mark.parametrize(
    ("supplies", "needs", "units"),
    [
        # The sources share a coarse unit: needs are rounded up.
        ({"A": (5, 0), "B": (6, 0)}, {"T": (41, 1), "U": (20, 1)}, ([5, 6], [5, 2])),
        ({"A": (5, 2), "B": (6, 2)}, {"T": (41, 3), "U": (20, 3)}, ([5, 6], [5, 2])),
        # The triggers share a coarse unit: supplies are rounded down.
        ({"A": (59, 1), "B": (60, 1)}, {"T": (4, 0)}, ([5, 6], [4])),
        # Neither share a unit, and all amounts are whole.
        ({"A": (5, 0), "B": (60, 1)}, {"T": (40, 1), "U": (3, 0)}, ([5, 6], [4, 3])),
        # Neither share a unit, and one amount is not whole.
        ({"A": (5, 0), "B": (61, 1)}, {"T": (40, 1), "U": (3, 0)}, None),
        ({"A": (5, 0), "B": (60, 1)}, {"T": (41, 1), "U": (3, 0)}, None),
    ],
)
def test_common_units__coarsest_token__rounds_as_what_arrives_does(
    supplies: dict[str, Units],
    needs: dict[str, Units],
    units: tuple[list[int], list[int]] | None,
) -> None:
    assert common_units(market_of(supplies, needs)) == units


def test_rated_market__routes__bring_whole_steps_of_ten() -> None:
    market = rated_market()
    assert [(edge.least, edge.most, edge.units_per_step) for edge in market.edges] == [
        (2, 3, 10),
        (1, 10, 10),
    ]
