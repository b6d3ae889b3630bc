"""Tests of flows through a few sources and sinks."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.planning.inventory.flow import Arc, SharedCapacity, _Flow, _PooledFlow, reaches


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
        # Two arcs between one pair.
        ([5], [5], [(0, 0, 2), (0, 0, 3)], True),
        ([5], [5], [(0, 0, 2), (0, 0, 2)], False),
        # The first arc takes the supply that the second sink needs, since no other can serve it.
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
        # In two pushes of one unit each, over two paths.
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
    # Of 8 units, 3 can use the arc outside of the limit.
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
    # Source 0, the only one that can serve sink 1, serves sink 0 first.
    arcs = [(0, 0, 5), (1, 0, 5), (0, 1, 5)]
    pools = [SharedCapacity(1, 5, frozenset({1}))]
    assert reaches([5, 5], [5, 5], arcs, pools)
    assert not reaches([5, 4], [5, 5], arcs, pools)
    assert not reaches([5, 5], [5, 5], arcs, [SharedCapacity(1, 4, frozenset({1}))])


Network = tuple[list[int], list[int], list[Arc]]


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw up to three sources and sinks and five arcs, of a few units."""
    supplies = draw(st.lists(st.integers(0, 4), min_size=1, max_size=3))
    needs = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    arc = st.tuples(
        st.integers(0, len(supplies) - 1), st.integers(0, len(needs) - 1), st.integers(0, 2)
    )
    return supplies, needs, draw(st.lists(arc, max_size=5))


def possible(network: Network, pool: SharedCapacity | None = None) -> bool:
    """Return whether any amounts over the arcs meet all needs."""
    supplies, needs, arcs = network
    for amounts in product(*(range(most + 1) for _, _, most in arcs)):
        left, missing = list(supplies), list(needs)
        for (source, sink, _), amount in zip(arcs, amounts, strict=True):
            left[source] -= amount
            missing[sink] -= amount
        taken = sum(amounts[each] for each in pool.arcs) if pool else 0
        if min(left) >= 0 and max(missing) <= 0 and (pool is None or taken <= pool.most):
            return True
    return False


@given(networks())
def test_flow__any_network__is_complete_where_amounts_exist_and_keeps_its_sums(
    network: Network,
) -> None:
    supplies, needs, arcs = network
    flow = _Flow(*network)

    complete = flow.complete()

    assert complete is possible(network)
    for source, supply in enumerate(supplies):
        assert flow.left[source] >= 0
        assert flow.left[source] + sum(sent.get(source, 0) for sent in flow.sent) == supply
        for sink, sent in enumerate(flow.sent):
            most = sum(most for *ends, most in arcs if ends == [source, sink])
            assert 0 <= sent.get(source, 0) <= most
            assert flow.room[source].get(sink, 0) + sent.get(source, 0) == most
    if complete:
        assert [sum(sent.values()) for sent in flow.sent] == needs


@given(networks(), st.integers(0, 6), st.data())
def test_pooled_flow__any_network__is_complete_where_amounts_exist(
    network: Network, most: int, data: st.DataObject
) -> None:
    source = data.draw(st.integers(0, len(network[0]) - 1))
    own = [index for index, arc in enumerate(network[2]) if arc[0] == source]
    arcs = data.draw(st.sets(st.sampled_from(own))) if own else set[int]()
    pool = SharedCapacity(source, most, frozenset(arcs))
    assert _PooledFlow(*network, [pool]).complete() is possible(network, pool)
    assert reaches(*network, [pool]) is possible(network, pool)


def test_flow__source_on_the_way__serves_its_sink_less() -> None:
    # Sources 0 and 1 have nothing left; source 2 replaces 1, which replaces 0.
    flow = _Flow([2, 2, 2], [2, 2, 2], [(1, 0, 2), (0, 1, 2), (1, 1, 2), (0, 2, 2), (2, 0, 2)])
    assert flow.complete()
    assert flow.sent == [{1: 0, 2: 2}, {0: 0, 1: 2}, {0: 2}]
    assert list(flow.room) == [{1: 2, 2: 0}, {0: 2, 1: 0}, {0: 0}]
    assert flow.left == [0, 0, 0]


def test_pooled_flow__sink_that_gets_nothing__gives_nothing_back() -> None:
    # Source 1 has no supply for sink 1, and sink 0 gets nothing from it that could be freed.
    arcs = [(0, 0, 1), (1, 0, 1), (1, 1, 1)]
    assert not _PooledFlow([1, 0], [0, 1], arcs, [SharedCapacity(1, 1, frozenset({2}))]).complete()
