"""Tests of the choice of triggers if not all can be covered."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import pytest

from keepers.planning.inventory import cover
from keepers.planning.inventory.cover import _good_set, _most, _sets, best_cover
from keepers.planning.inventory.solution import OutOfTimeError
from tests.unit.planning.inventory.markets import Units, endless, market_of, passed, route


@pytest.mark.parametrize(
    ("supply", "needs", "covered"),
    [
        (10, {"T": 5, "U": 5}, (0, 1)),
        # As many as possible, then the larger sum, then the first.
        (9, {"T": 5, "U": 5}, (0,)),
        (9, {"T": 5, "U": 6}, (1,)),
        (9, {"T": 8, "U": 5, "V": 4}, (1, 2)),
        (9, {"T": 4, "U": 4, "V": 5}, (0, 2)),
        (3, {"T": 4}, ()),
        (4, {"T": 4}, (0,)),
    ],
)
def test_best_cover__surplus_does_not_suffice__most_then_largest_then_first(
    supply: int, needs: dict[str, Units], covered: tuple[int, ...]
) -> None:
    found = best_cover(market_of({"A": supply}, needs), endless())
    assert found.triggers == covered
    assert len(found.fewest.solution.edges) == len(covered)
    assert found.fewest.optimal


def test_best_cover__trigger_without_a_route__is_left_out() -> None:
    market = market_of({"A": 10}, {"T": 2, "U": 3}, [route("A", "U")])
    assert best_cover(market, endless()).triggers == (1,)


@pytest.mark.parametrize(
    ("supply", "most"), [(0, 0), (1, 0), (2, 1), (4, 1), (5, 2), (9, 2), (10, 3), (99, 3)]
)
def test_most__smallest_deficits__as_many_as_the_supply_suffices_for(
    supply: int, most: int
) -> None:
    assert _most([0, 1, 3], [5, 2, 1, 3], supply) == most


def test_sets__of_a_size__largest_sum_first_without_what_does_not_suffice() -> None:
    assert list(_sets([0, 1, 2], [3, 2, 3], 5, 2)) == [(0, 1), (1, 2)]
    assert list(_sets([0, 1, 2], [3, 2, 3], 6, 2)) == [(0, 2), (0, 1), (1, 2)]
    assert list(_sets([0, 1, 2], [3, 2, 3], 4, 2)) == []


@pytest.mark.parametrize(
    ("supply", "chosen"),
    [
        # 1 and 2 use all of 3; with more supply, 2 is replaced by 4 or 7, then 1 by 2 or 4.
        (3, (1, 3)),
        (4, (1, 3)),
        (5, (0, 3)),
        (6, (0, 1)),
        (8, (2, 3)),
        (9, (1, 2)),
        (11, (0, 2)),
        (99, (0, 2)),
    ],
)
def test_good_set__room_for_larger_ones__each_is_exchanged_for_the_largest(
    supply: int, chosen: tuple[int, ...]
) -> None:
    assert _good_set([0, 1, 2, 3], [4, 2, 7, 1], supply, 2) == chosen


def test_good_set__another_of_the_same_size__is_no_better() -> None:
    assert _good_set([0, 1], [4, 4], 4, 1) == (0,)


def test_best_cover__too_many_sets_to_order__takes_a_good_one_and_proves_nothing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = market_of({"A": 9}, {"T": 8, "U": 5, "V": 4})
    monkeypatch.setattr(cover, "MOST_SETS", 3)
    assert best_cover(market, endless()).fewest.optimal

    monkeypatch.setattr(cover, "MOST_SETS", 2)
    found = best_cover(market, endless())
    assert (found.triggers, found.fewest.optimal) == ((1, 2), False)


def test_best_cover__good_set_cannot_be_covered__is_not_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    market = market_of({"A": 9, "B": 1}, {"T": 5, "U": 5}, [route("A", "T"), route("A", "U")])
    monkeypatch.setattr(cover, "MOST_SETS", 0)
    with pytest.raises(OutOfTimeError):
        best_cover(market, endless())


def test_best_cover__one_of_two_has_no_room__the_other_is_covered() -> None:
    # B cannot send: the total is enough for both triggers, but A is not.
    market = market_of({"A": 9, "B": 9}, {"T": 8, "U": 5}, [route("A", "T"), route("A", "U")])
    assert best_cover(market, endless()).triggers == (0,)


def test_best_cover__no_time__raises() -> None:
    with pytest.raises(OutOfTimeError):
        best_cover(market_of({"A": 9}, {"T": 5}), passed())
