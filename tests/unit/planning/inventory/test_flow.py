"""Flows through a few sources and sinks, by hand."""

from __future__ import annotations

import pytest

from keepers.planning.inventory.flow import Arc, SharedCapacity, reaches


@pytest.mark.parametrize(
    ("supplies", "needs", "arcs", "possible"),
    [
        ([5], [5], [(0, 0, 5)], True),
        ([4], [5], [(0, 0, 5)], False),
        ([5], [5], [(0, 0, 4)], False),
        ([5], [1], [], False),
        ([5], [], [], True),
        ([5], [0], [], True),
        ([1], [1], [(0, 0, 1)], True),
        # Two arcs of one pair.
        ([5], [5], [(0, 0, 2), (0, 0, 3)], True),
        ([5], [5], [(0, 0, 2), (0, 0, 2)], False),
        # The first arc takes what only the second sink needs of it.
        ([5, 5], [5, 5], [(0, 0, 5), (0, 1, 5), (1, 0, 5)], True),
        ([5, 4], [5, 5], [(0, 0, 5), (0, 1, 5), (1, 0, 5)], False),
        ([5, 5], [5, 5], [(0, 0, 5), (0, 1, 4), (1, 0, 5)], False),
        ([6, 4], [5, 5], [(0, 0, 5), (0, 1, 5), (1, 0, 5)], True),
        # A path over three sources.
        (
            [3, 3, 3],
            [3, 3, 3],
            [(0, 0, 3), (0, 1, 3), (1, 1, 3), (1, 2, 3), (2, 0, 3)],
            True,
        ),
        (
            [3, 3, 2],
            [3, 3, 3],
            [(0, 0, 3), (0, 1, 3), (1, 1, 3), (1, 2, 3), (2, 0, 3)],
            False,
        ),
        # In two pushes of one unit each, by two ways round.
        (
            [2, 1, 1],
            [2, 2],
            [(0, 0, 2), (0, 1, 2), (1, 0, 1), (2, 0, 1)],
            True,
        ),
    ],
)
def test_reaches__needs__are_met_or_not(
    supplies: list[int], needs: list[int], arcs: list[Arc], possible: bool
) -> None:
    assert reaches(supplies, needs, arcs) is possible


@pytest.mark.parametrize(
    ("most", "possible"),
    [(4, False), (5, True), (6, True)],
)
def test_reaches__limit_that_two_arcs_share__bounds_their_sum(most: int, possible: bool) -> None:
    arcs = [(0, 0, 9), (0, 1, 9), (0, 1, 3)]
    pools = [SharedCapacity(0, most, frozenset({0, 1}))]
    # Of 8, 3 can go by the arc that has no limit.
    assert reaches([8], [4, 4], arcs, pools) is possible


@pytest.mark.parametrize(
    ("first", "second", "possible"),
    [(3, 4, True), (2, 4, False), (3, 3, False), (4, 4, True)],
)
def test_reaches__limits_of_two_sources__each_bounds_its_own(
    first: int, second: int, possible: bool
) -> None:
    arcs = [(0, 0, 9), (0, 1, 9), (1, 0, 9), (1, 1, 9)]
    pools = [
        SharedCapacity(0, first, frozenset({0, 1})),
        SharedCapacity(1, second, frozenset({2, 3})),
    ]
    assert reaches([9, 9], [5, 2], arcs, pools) is possible


def test_reaches__limit_is_wide_and_the_source_has_too_little__is_not() -> None:
    pools = [SharedCapacity(0, 100, frozenset({0}))]
    assert not reaches([4], [5], [(0, 0, 9)], pools)
    assert reaches([5], [5], [(0, 0, 9)], pools)
    assert not reaches([5], [5], [(0, 0, 4)], pools)


def test_reaches__with_a_limit__serves_another_sink_less() -> None:
    # Sink 0 is served by source 0 first, which alone can serve sink 1.
    arcs = [(0, 0, 5), (1, 0, 5), (0, 1, 5)]
    pools = [SharedCapacity(1, 5, frozenset({1}))]
    assert reaches([5, 5], [5, 5], arcs, pools)
    assert not reaches([5, 4], [5, 5], arcs, pools)
    assert not reaches([5, 5], [5, 5], arcs, [SharedCapacity(1, 4, frozenset({1}))])
