"""Tests of the best trees over a few chains."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import pytest

from keepers.model.inventory import Route
from keepers.planning.inventory import trees
from keepers.planning.inventory.solution import OutOfTimeError
from keepers.planning.inventory.trees import best_forest
from tests.unit.planning.inventory.markets import counted, endless, market_of, passed, route


def forest(
    supplies: dict[str, int], needs: dict[str, int], routes: list[Route] | None = None
) -> tuple[list[str], int] | None:
    market = market_of(dict(supplies), dict(needs), routes)
    found = best_forest(market.supplies, market.deficits, market.edges, endless())
    if found is None:
        return None
    return ["".join(edge.name[:2]) for edge in found.edges], found.fallbacks


@pytest.mark.parametrize(
    ("supplies", "needs", "edges"),
    [
        ({"A": 5}, {"T": 5}, ["AT"]),
        ({"A": 6}, {"T": 5}, ["AT"]),
        ({"A": 4}, {"T": 5}, None),
        ({"A": 5, "B": 5}, {"T": 5}, ["AT"]),
        ({"A": 4, "B": 5}, {"T": 5}, ["BT"]),
        ({"A": 4, "B": 4}, {"T": 5}, ["AT", "BT"]),
        ({"A": 9}, {"T": 5, "U": 4}, ["AT", "AU"]),
        ({"A": 8}, {"T": 5, "U": 4}, None),
        ({"A": 7, "B": 5}, {"T": 5, "U": 7}, ["AU", "BT"]),
        ({"A": 12, "B": 7}, {"T": 5, "U": 7}, ["AT", "AU"]),
        ({"A": 11, "B": 7}, {"T": 5, "U": 7}, ["AT", "BU"]),
        # No pair settles alone: three edges with the smallest names.
        ({"A": 6, "B": 6}, {"T": 5, "U": 7}, ["AT", "AU", "BU"]),
        ({"A": 6, "B": 6}, {"T": 7, "U": 5}, ["AT", "AU", "BT"]),
        ({"A": 4, "B": 8}, {"T": 6, "U": 6}, ["AT", "BT", "BU"]),
        ({"A": 3, "B": 3, "C": 3}, {"T": 9}, ["AT", "BT", "CT"]),
        ({"A": 3, "B": 3, "C": 4}, {"T": 7}, ["AT", "CT"]),
        ({"A": 5, "B": 2, "C": 2}, {"T": 4, "U": 5}, ["AU", "BT", "CT"]),
    ],
)
def test_best_forest__free_routes__fewest_edges_and_smallest_names(
    supplies: dict[str, int], needs: dict[str, int], edges: list[str] | None
) -> None:
    assert forest(supplies, needs) == (None if edges is None else (edges, 0))


@pytest.mark.parametrize(
    ("missing", "edges"),
    [
        ("AT", ["AU", "BT", "BU"]),
        ("AU", ["AT", "BT", "BU"]),
        ("BU", ["AT", "AU", "BT"]),
        ("BT", ["AT", "AU", "BU"]),
    ],
)
def test_best_forest__a_route_is_missing__goes_round(missing: str, edges: list[str]) -> None:
    routes = [route(s, t) for s in "AB" for t in "TU" if s + t != missing]
    # 6 and 6 for 6 and 6 settle in pairs; 7 and 5 need the three remaining routes.
    straight = {"AT": ["AU", "BT"], "BU": ["AU", "BT"], "AU": ["AT", "BU"], "BT": ["AT", "BU"]}
    assert forest({"A": 6, "B": 6}, {"T": 6, "U": 6}, routes) == (straight[missing], 0)
    supplies = {"A": 5, "B": 7} if missing in {"AT", "AU"} else {"A": 7, "B": 5}
    assert forest(supplies, {"T": 6, "U": 6}, routes) == (edges, 0)


def test_best_forest__routes_missing_at_both__is_none() -> None:
    routes = [route("A", "T"), route("B", "U")]
    assert forest({"A": 5, "B": 7}, {"T": 6, "U": 6}, routes) is None
    assert forest({"A": 6, "B": 7}, {"T": 6, "U": 6}, routes) == (["AT", "BU"], 0)


def test_best_forest__fallbacks__are_fewer_before_edges_are() -> None:
    def fallback(*names: str) -> list[Route]:
        return [route(s, "T", fallback=s in names) for s in "ABC"]

    supplies = {"A": 9, "B": 5, "C": 5}
    assert forest(supplies, {"T": 9}, fallback()) == (["AT"], 0)
    assert forest(supplies, {"T": 9}, fallback("A")) == (["BT", "CT"], 0)
    assert forest(supplies, {"T": 9}, fallback("A", "B")) == (["AT"], 1)
    assert forest(supplies, {"T": 9}, fallback("A", "B", "C")) == (["AT"], 1)
    assert forest({"A": 5, "B": 5, "C": 5}, {"T": 9}, fallback("B", "C")) == (["AT", "BT"], 1)
    assert forest({"A": 1, "B": 5, "C": 5}, {"T": 9}, fallback("B", "C")) == (["BT", "CT"], 2)


def test_best_forest__chain_of_three_sources__each_gives_what_the_next_lacks() -> None:
    routes = [route(*each) for each in ("AT", "BT", "BU", "CU", "CV")]
    assert forest({"A": 3, "B": 4, "C": 5}, {"T": 4, "U": 4, "V": 4}, routes) == (
        ["AT", "BT", "BU", "CU", "CV"],
        0,
    )
    assert forest({"A": 3, "B": 4, "C": 4}, {"T": 4, "U": 4, "V": 4}, routes) is None


def test_best_forest__no_time__raises() -> None:
    market = market_of({"A": 5}, {"T": 5}, [route("A", "T", fallback=True)])
    with pytest.raises(OutOfTimeError):
        best_forest(market.supplies, market.deficits, market.edges, passed())


@pytest.mark.parametrize(("chains", "checks"), [(3, 2), (4, 4)])
def test_best_forest__many_sets__checks_the_deadline_every_128th(chains: int, checks: int) -> None:
    """The 64 or 256 sets are visited once to grow trees and once to combine them."""
    routes = [
        route(f"S{source}", f"T{sink}")
        for source in range(chains)
        for sink in range(chains)
        if (source, sink) != (0, 0)
    ]
    supplies = {f"S{index}": 5 for index in range(chains)}
    needs = {f"T{index}": 4 for index in range(chains)}
    market = market_of(dict(supplies), dict(needs), routes)
    deadline, asked = counted()

    assert best_forest(market.supplies, market.deficits, market.edges, deadline) is not None
    assert len(asked) == checks


def test_best_forest__nine_edges_or_one_fallback__takes_the_edges() -> None:
    supplies = {"A": 9} | {f"S{index}": 1 for index in range(9)}
    routes = [route(source, "T", fallback=source == "A") for source in supplies]
    assert forest(supplies, {"T": 9}, routes) == ([f"S{index}T" for index in range(9)], 0)


def test_best_forest__every_route_is_there__looks_at_the_best_partitions_alone() -> None:
    """Of 256 sets, only four pairs and their remainders are visited: two deadline checks."""
    needs = {f"T{index}": 3 + 2**index for index in range(4)}
    supplies = {f"S{index}": 3 + 2**index for index in range(4)}
    market = market_of(dict(supplies), dict(needs))
    deadline, asked = counted()
    assert best_forest(market.supplies, market.deficits, market.edges, deadline) is not None
    assert len(asked) == 2


def test_bits__of_a_set__are_its_members() -> None:
    assert [trees._bits(mask) for mask in (0, 1, 0b1011)] == [[], [0], [0, 1, 3]]
