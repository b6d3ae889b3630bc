"""Groups of chains that settle among themselves, by hand."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.planning.inventory import grouping
from keepers.planning.inventory.grouping import grouped, small_groups
from tests.unit.planning.inventory.markets import endless, market_of, route

Found = set[tuple[tuple[int, ...], tuple[int, ...], int]]


def groups(supplies: list[int], needs: list[int]) -> Found:
    found = small_groups(supplies, needs)
    assert found is not None
    assert [each.edges for each in found] == [
        len(each.sources) + len(each.sinks) - 1 for each in found
    ]
    return {(each.sources, each.sinks, each.waste) for each in found}


@pytest.mark.parametrize(
    ("supplies", "needs", "found"),
    [
        ([5], [5], {((0,), (0,), 0)}),
        # Waste up to what there is to spare.
        ([6], [5], {((0,), (0,), 1)}),
        ([5, 6], [5, 5], {((0,), (0,), 0), ((0,), (1,), 0), ((1,), (0,), 1), ((1,), (1,), 1)}),
        # Two for one where neither source alone suffices, or is wasted whole.
        ([3, 2], [5], {((0, 1), (0,), 0)}),
        ([3, 3], [5], {((0, 1), (0,), 1)}),
        ([3, 1], [3], {((0,), (0,), 0)}),
        # One for three, three for one.
        ([6], [1, 2, 3], {((0,), (0, 1, 2), 0)}),
        ([1, 2, 3], [6], {((0, 1, 2), (0,), 0)}),
        # Two and two that cannot be cut: the smaller source does not serve the smaller trigger,
        # or the larger one not the larger trigger.
        ([4, 8], [6, 6], {((0, 1), (0, 1), 0)}),
        ([5, 5], [4, 6], {((0, 1), (0, 1), 0)}),
        ([4, 6], [4, 6], {((0,), (0,), 0), ((1,), (1,), 0)}),
    ],
)
def test_small_groups__supplies_and_needs__those_that_stand_alone(
    supplies: list[int], needs: list[int], found: Found
) -> None:
    assert groups(supplies, needs) == found


def test_small_groups__too_many__is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grouping, "MOST_GROUPS", 4)
    assert len(groups([5, 6], [5, 5])) == 4
    monkeypatch.setattr(grouping, "MOST_GROUPS", 3)
    assert small_groups([5, 6], [5, 5]) is None


@pytest.mark.parametrize(
    "more", [{"fee": 1}, {"fee_bps": Fraction(1)}, {"fallback": True}], ids=str
)
def test_grouped__route_that_charges_or_is_a_fallback__is_not_tried(more: dict[str, Any]) -> None:
    market = market_of({"A": 500}, {"T": 5}, [route("A", "T", **more)])
    assert grouped(market, 1, endless()) is None


def test_grouped__route_is_missing__is_not_tried() -> None:
    market = market_of({"A": 5, "B": 5}, {"T": 5}, [route("A", "T")])
    assert grouped(market, 1, endless()) is None


@pytest.mark.parametrize(
    ("supplies", "needs", "edges"),
    [
        ({"A": 5, "B": 7}, {"T": 7, "U": 5}, ["AU", "BT"]),
        ({"A": 12, "B": 9}, {"T": 7, "U": 5, "V": 9}, ["AT", "AU", "BV"]),
        ({"A": 4, "B": 8, "C": 3}, {"T": 6, "U": 6, "V": 3}, ["AT", "BT", "BU", "CV"]),
    ],
)
def test_grouped__tight_market__settles_in_groups_and_bounds_the_number(
    supplies: dict[str, int], needs: dict[str, int], edges: list[str]
) -> None:
    found = grouped(market_of(dict(supplies), dict(needs)), 1, endless())

    assert found is not None
    assert found.solution is not None
    assert ["".join(edge.name[:2]) for edge in found.solution.edges] == edges
    assert found.lower_bound == len(edges)


def test_grouped__bound_that_is_known__is_kept() -> None:
    found = grouped(market_of({"A": 5}, {"T": 5}), 9, endless())
    assert found is not None
    assert found.lower_bound == 9
