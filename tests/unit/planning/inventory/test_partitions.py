"""Tests of the best partitions into self-sufficient sets; a set has a bit for each chain."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import pytest

from keepers.planning.inventory import partitions
from keepers.planning.inventory.partitions import Subsets, best_partitions
from keepers.planning.inventory.solution import OutOfTimeError
from tests.unit.planning.inventory.markets import counted, endless, passed


def nets_of(needs: list[int], supplies: list[int]) -> list[int]:
    nets = [0]
    for value in (*(-need for need in needs), *supplies):
        nets += [net + value for net in nets]
    return nets


def test_subsets__of_a_set__all_with_the_empty_one_and_itself() -> None:
    subsets = Subsets()
    assert sorted(subsets.of(0b1011)) == [0, 1, 2, 3, 8, 9, 10, 11]
    assert sorted(subsets.of(0)) == [0]
    assert sorted(subsets.of(0b100)) == [0, 4]


T, U, A, B = 1, 2, 4, 8


@pytest.mark.parametrize(
    ("needs", "supplies", "sets", "remainders"),
    [
        # Two pairs that settle alone; by rule, the pair of T is removed first.
        ([5, 7], [5, 7], {T | A, U | B}, {0, U | B, T | A | U | B}),
        # No pair settles alone: all four together, with three edges.
        ([5, 7], [6, 6], {T | U | A | B}, {0, T | U | A | B}),
        # One source for both, or one for each; a source may be left over.
        (
            [5, 7],
            [12, 7],
            {T | A, U | B, T | B, U | A, T | U | A},
            {0, U | B, U | A, B, T | A | U | B},
        ),
        ([5, 7], [12, 3], {T | U | A}, {B, T | U | A | B}),
        ([5], [5, 5], {T | A, T | B}, {A, B, T | A | B}),
        ([5], [6], {T | A}, {0, T | A}),
    ],
)
def test_best_partitions__few_sets__fewest_edges(
    needs: list[int], supplies: list[int], sets: set[int], remainders: set[int]
) -> None:
    if len(needs) == 1:
        relabel = {T: 1, A: 2, B: 4}
        sets = {sum(v for k, v in relabel.items() if each & k) for each in sets}
        remainders = {sum(v for k, v in relabel.items() if each & k) for each in remainders}
    found = best_partitions(nets_of(needs, supplies), len(needs), Subsets(), endless())
    assert set(found.sets) == sets
    assert list(found.sets) == sorted(sets)
    assert list(found.remainders) == sorted(remainders)


@pytest.mark.parametrize(
    ("needs", "supplies"),
    [
        ([5, 7], [5, 7]),
        ([5, 7], [6, 6]),
        ([5, 7], [12, 7]),
        ([5, 7], [12, 3]),
        ([5], [5, 5]),
        ([3, 4, 5], [7, 6]),
        ([3, 4, 5], [7, 5, 1]),
        ([2, 2, 2], [4, 2, 3]),
    ],
)
def test_best_partitions__from_all_subsets__has_what_the_few_sets_have(
    needs: list[int], supplies: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    nets = nets_of(needs, supplies)
    few = best_partitions(nets, len(needs), Subsets(), endless())
    monkeypatch.setattr(partitions, "FEW_SETS", -1)
    every = best_partitions(nets, len(needs), Subsets(), endless())

    assert set(few.sets) <= set(every.sets)
    assert set(few.remainders) <= set(every.remainders)
    # The additional sets belong to best partitions too: the rest needs the remaining edges.
    for each in every.sets:
        assert nets[each] >= 0
        assert each & ((1 << len(needs)) - 1)


def test_best_partitions__all_subsets_of_two_pairs__are_just_these(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partitions, "FEW_SETS", -1)
    found = best_partitions(nets_of([5, 7], [5, 7]), 2, Subsets(), endless())
    assert found.sets == [T | A, U | B]
    assert found.remainders == [0, T | A, U | B, T | U | A | B]
    single = best_partitions(nets_of([5, 7], [6, 6]), 2, Subsets(), endless())
    assert single.sets == [T | U | A | B]
    assert single.remainders == [0, T | U | A | B]


def test_best_partitions__all_subsets_and_no_time__raises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partitions, "FEW_SETS", -1)
    with pytest.raises(OutOfTimeError):
        best_partitions(nets_of([5], [5]), 1, Subsets(), passed())


def test_best_partitions__all_of_256_subsets__checks_the_deadline_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(partitions, "FEW_SETS", -1)
    deadline, asked = counted()
    best_partitions(nets_of([4] * 4, [5] * 4), 4, Subsets(), deadline)
    assert len(asked) == 2


@pytest.mark.parametrize(("few", "checks"), [(3, 0), (2, 1)])
def test_best_partitions__sets_at_the_limit__are_gone_through_one_by_one(
    few: int, checks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The trigger is self-sufficient with either source, and with both.
    monkeypatch.setattr(partitions, "FEW_SETS", few)
    deadline, asked = counted()
    best_partitions(nets_of([5], [5, 5]), 1, Subsets(), deadline)
    assert len(asked) == checks


def test_best_partitions__more_than_enough__sources_alone_are_no_set() -> None:
    found = best_partitions(nets_of([5], [4, 9]), 1, Subsets(), endless())
    trigger, second = 1, 4
    assert found.sets == [trigger | second]
    assert found.remainders == [2, 7]


def test_first__of_any_set__is_its_lowest_bit() -> None:
    assert [partitions._first(mask) for mask in (1, 2, 3, 4, 6, 12, 1 << 13)] == [
        *(0, 1, 0, 2, 1, 2, 13)
    ]
