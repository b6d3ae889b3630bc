"""Tests of groups of chains that settle among themselves."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from keepers.planning.inventory import grouping
from keepers.planning.inventory.grouping import Group, _Grouping, grouped, small_groups
from keepers.planning.inventory.highs import Numbers, Program, SolverResult
from keepers.planning.inventory.mixed import Mixed
from keepers.planning.inventory.solution import PlanningDeadline, Solution
from keepers.planning.inventory.trees import Forest
from tests.unit.planning.inventory.markets import answer, endless, market_of, route

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
        # Waste up to the spare total.
        ([6], [5], {((0,), (0,), 1)}),
        ([5, 6], [5, 5], {((0,), (0,), 0), ((0,), (1,), 0), ((1,), (0,), 1), ((1,), (1,), 1)}),
        # Two sources for one trigger if neither suffices alone and neither is wasted whole.
        ([3, 2], [5], {((0, 1), (0,), 0)}),
        ([3, 3], [5], {((0, 1), (0,), 1)}),
        ([3, 1], [3], {((0,), (0,), 0)}),
        # One source for three triggers, three sources for one.
        ([6], [1, 2, 3], {((0,), (0, 1, 2), 0)}),
        ([1, 2, 3], [6], {((0, 1, 2), (0,), 0)}),
        # Two and two that cannot be split: the smaller source is not enough for the smaller
        # trigger, or the larger source is not enough for the larger trigger.
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


ENDLESS = float("inf")


def grouping_of(supplies: list[int], needs: list[int]) -> _Grouping:
    """Return sources S00, S01 ... and triggers T00, T01 ... with a free route per pair."""
    market = market_of(
        {f"S{index:02}": each for index, each in enumerate(supplies)},
        {f"T{index:02}": each for index, each in enumerate(needs)},
    )
    return _Grouping(market, supplies, needs)


def pairs(edges: Any) -> list[tuple[int, int]] | None:
    return None if edges is None else [(edge.source, edge.sink) for edge in edges]


def test_choose__two_pairs__each_trigger_in_a_group_or_left_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Any] = []

    def minimise(
        program: Program, *numbers: Numbers | PlanningDeadline, **_: object
    ) -> SolverResult:
        asked.extend([program.rows, *(each.tolist() for each in numbers[:4])])  # type: ignore[union-attr]
        return SolverResult(None, 2.0, proven=False)

    monkeypatch.setattr(Program, "minimise", minimise)

    assert grouping_of([5, 7, 1], [7, 5]).solve(1, endless()) == Mixed(None, 2)

    # Variables: the groups, two triggers, three sources, and the transfers of larger groups.
    rows, cost, low, high, whole = asked
    groups = [Group((0,), (1,), 0), Group((1,), (0,), 0)]
    assert small_groups([5, 7, 1], [7, 5]) == groups
    triggers = [({2: 1.0, 1: 1.0}, 1.0, 1.0), ({3: 1.0, 0: 1.0}, 1.0, 1.0)]
    sources = [
        ({4: 1.0, 0: 1.0}, 0.0, 1.0),
        ({5: 1.0, 1: 1.0}, 0.0, 1.0),
        ({6: 1.0}, 0.0, 1.0),
    ]
    enough = {4: 5 / 7, 5: 1.0, 6: 1 / 7, 2: -1.0, 3: -5 / 7}
    assert rows == [
        *triggers,
        *sources,
        (enough, 0.0, ENDLESS),
        ({**dict.fromkeys(range(2, 7), -0.8), 7: 1.0}, 0.0, ENDLESS),
        ({7: 1.0, 2: -1.0, 3: -1.0}, 0.0, ENDLESS),
        ({7: 1.0, 4: -1.0, 5: -1.0, 6: -1.0}, 0.0, ENDLESS),
    ]
    assert cost == [1.0, 1.0, *[0.0] * 5, 1.0]
    assert (low, high, whole) == ([0.0] * 8, [*[1.0] * 7, 5.0], [1.0] * 8)


@pytest.mark.parametrize(
    ("values", "edges", "steps"),
    [
        ([1, 1], [(0, 1), (1, 0)], (5, 7)),
        # A group with 0.5 is not chosen; its chains form a tree of their own.
        ([0.5, 0.6], [(0, 1), (1, 0)], (5, 7)),
    ],
)
def test_solve__chosen_groups__are_settled_with_exact_amounts(
    values: list[float],
    edges: list[tuple[int, int]],
    steps: tuple[int, ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[list[Group]] = []
    made = grouping_of([5, 7], [7, 5])

    def edges_of(chosen: list[Group], _: PlanningDeadline) -> Any:
        asked.append(chosen)
        return [made.edges[each] for each in edges]

    result = SolverResult(np.array([*values, 0, 0, 0, 0, 0]), 1.5, proven=True)
    monkeypatch.setattr(Program, "minimise", answer(result))
    monkeypatch.setattr(made, "_edges_of", edges_of)

    found = made.solve(1, endless())

    expected = tuple(made.edges[each] for each in edges)
    assert found == Mixed(Solution(expected, steps, finished=False), 2)
    groups = small_groups([5, 7], [7, 5])
    assert groups is not None
    assert asked == [groups if values[0] > 0.5 else groups[1:]]


def test_solve__no_edges__has_a_bound_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    made = grouping_of([5, 7], [7, 5])
    result = SolverResult(np.zeros(7), 3.0, proven=True)
    monkeypatch.setattr(Program, "minimise", answer(result))
    monkeypatch.setattr(made, "_edges_of", answer(None))
    assert made.solve(1, endless()) == Mixed(None, 3)


def test_edges_of__groups_and_the_rest__each_as_trees() -> None:
    made = grouping_of([5, 7, 2], [7, 5, 2])
    pair = Group((0,), (1,), 0)
    assert pairs(made._edges_of([pair], endless())) == [(0, 1), (1, 0), (2, 2)]
    others = [Group((1,), (0,), 0), Group((2,), (2,), 0)]
    assert pairs(made._edges_of([*others, pair], endless())) == [(1, 0), (2, 2), (0, 1)]
    # All remaining sources serve the remaining trigger.
    single = grouping_of([5, 3, 4], [7, 5])
    assert pairs(single._edges_of([pair], endless())) == [(0, 1), (1, 0), (2, 0)]


def test_edges_of__rest_that_lacks_something__is_none() -> None:
    made = grouping_of([5, 6], [7, 5])
    assert made._edges_of([Group((0,), (1,), 0)], endless()) is None


@pytest.mark.parametrize(("sources", "is_exact"), [(10, True), (11, False)])
def test_tree__up_to_fourteen_nodes__is_the_best(
    sources: int, is_exact: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = grouping_of([5] * sources, [5] * 4)
    monkeypatch.setattr(made, "_in_order", answer([]))
    monkeypatch.setattr(grouping, "best_forest", answer(Forest((made.edges[0, 0],), 0)))
    found = made._tree(range(sources), range(4), endless())
    assert pairs(found) == ([(0, 0)] if is_exact else [])


def test_in_order__largest_need_from_the_largest_rest() -> None:
    made = grouping_of([4, 9, 6], [3, 8, 7])
    # 8 come from 9; 7 from 6 and then from 4; 3 from the 3 that are left of 4.
    order = [(1, 1), (2, 2), (0, 2), (0, 0)]
    assert pairs(made._in_order([0, 1, 2], [0, 1, 2])) == order
    assert made._in_order([1, 2], [0, 1, 2]) is None
    assert pairs(made._in_order([1, 2], [0, 1])) == [(1, 1), (2, 0)]
    assert made._in_order([0], [1]) is None
