"""Tests of packings, in which one surplus covers each deficit in full."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.model.inventory import Route
from keepers.planning.inventory import packing
from keepers.planning.inventory.packing import UndecidedError, packed
from keepers.planning.inventory.solution import OutOfTimeError
from tests.unit.planning.inventory.markets import (
    Units,
    counted,
    endless,
    limit,
    market_of,
    passed,
    route,
)


def pairs(
    supplies: dict[str, Units], needs: dict[str, Units], routes: list[Route] | None = None
) -> list[str] | None:
    """Return the edges of the packing as source, destination and steps, or None."""
    found = packed(market_of(supplies, needs, routes), endless())
    if found is None:
        return None
    edges = zip(found.edges, found.steps, strict=True)
    return [f"{edge.name[0]}{edge.name[1]} {step}" for edge, step in edges]


@pytest.mark.parametrize(
    ("supplies", "needs", "found"),
    [
        ({"A": 5}, {"T": 5}, ["AT 5"]),
        ({"A": 4}, {"T": 5}, None),
        ({"A": 10}, {"T": 5, "U": 5}, ["AT 5", "AU 5"]),
        ({"A": 9}, {"T": 5, "U": 5}, None),
        # The smallest names that fit.
        ({"A": 5, "B": 9}, {"T": 5, "U": 4}, ["AT 5", "BU 4"]),
        ({"A": 4, "B": 9}, {"T": 5, "U": 4}, ["AU 4", "BT 5"]),
        ({"A": 6, "B": 9}, {"T": 5, "U": 6}, ["AT 5", "BU 6"]),
        ({"A": 9, "B": 6}, {"T": 5, "U": 4, "V": 6}, ["AT 5", "AU 4", "BV 6"]),
        ({"A": 10, "B": 6}, {"T": 5, "U": 4, "V": 6}, ["AT 5", "AU 4", "BV 6"]),
        ({"A": 9, "B": 7}, {"T": 5, "U": 3, "V": 4, "W": 4}, ["AT 5", "AV 4", "BU 3", "BW 4"]),
        # Possible only if the largest deficit goes where it just fits.
        ({"A": 10, "B": 7}, {"T": 7, "U": 5, "V": 5}, ["AU 5", "AV 5", "BT 7"]),
        ({"A": 9, "B": 7}, {"T": 7, "U": 5, "V": 5}, None),
    ],
)
def test_packed__free_routes__each_deficit_from_one_source(
    supplies: dict[str, Units], needs: dict[str, Units], found: list[str] | None
) -> None:
    assert pairs(supplies, needs) == found


def test_packed__fallback__is_no_place() -> None:
    assert pairs({"A": 5}, {"T": 5}, [route("A", "T", fallback=True)]) is None


def test_packed__bounds_of_routes__whole_deficit_must_fit() -> None:
    def found(**more: Any) -> list[str] | None:
        return pairs({"A": 20, "B": 20}, {"T": 5}, [route("A", "T", **more), route("B", "T")])

    assert found(maximum=5) == ["AT 5"]
    assert found(maximum=4) == ["BT 5"]
    assert found(minimum=5) == ["AT 5"]
    assert found(minimum=6) == ["BT 5"]


def test_packed__fees__the_cheapest_is_taken() -> None:
    routes = [route("A", "T", fee=3), route("B", "T", fee_bps=Fraction(2_000))]
    # B charges 2 of 10 and 3 of 15, as much as A, which is first by name; B charges 4 of 16.
    assert pairs({"A": 50, "B": 50}, {"T": 8}, routes) == ["BT 8"]
    assert pairs({"A": 50, "B": 50}, {"T": 12}, routes) == ["AT 12"]
    assert pairs({"A": 50, "B": 50}, {"T": 13}, routes) == ["AT 13"]


def test_packed__fees_of_other_decimals__are_compared_as_tokens() -> None:
    routes = [route("A", "T", fee=1), route("B", "T", fee=9)]
    assert pairs({"A": (50, 0), "B": (500, 1)}, {"T": (50, 1)}, routes) == ["BT 50"]


def test_packed__fee_takes_what_another_needs__dearer_ones_are_left_undecided() -> None:
    # Both are free from A, but fit only if B serves one of them.
    routes = [route("A", "T"), route("A", "U"), route("B", "U", fee=1)]
    with pytest.raises(UndecidedError):
        packed(market_of({"A": 9, "B": 9}, {"T": 5, "U": 5}, routes), endless())
    assert packed(market_of({"A": 9, "B": 5}, {"T": 5, "U": 5}, routes), endless()) is None


def test_packed__times__no_route_is_slower_than_need_be() -> None:
    routes = [
        route("A", "T", seconds=Fraction(60)),
        route("B", "T", seconds=Fraction(20)),
        route("A", "U", seconds=Fraction(40)),
        route("B", "U", seconds=Fraction(10)),
    ]
    # B serves both in at most 20 seconds; if it has too little, A serves U in 40 seconds.
    assert pairs({"A": 50, "B": 50}, {"T": 5, "U": 6}, routes) == ["BT 5", "BU 6"]
    assert pairs({"A": 50, "B": 10}, {"T": 5, "U": 6}, routes) == ["AU 6", "BT 5"]
    assert pairs({"A": 50, "B": 6}, {"T": 7, "U": 6}, routes) == ["AT 7", "AU 6"]


def test_packed__equal_times__the_smallest_names() -> None:
    routes = [route(source, "T", seconds=Fraction(30)) for source in "BA"]
    assert pairs({"A": 50, "B": 50}, {"T": 5}, routes) == ["AT 5"]


def test_packed__limit_that_routes_share__bounds_both() -> None:
    routes = [route("A", "T"), route("A", "U"), route("A", "U", "S")]
    for most, names in ((10, ["R", "R"]), (9, ["R", "S"]), (4, None)):
        market = market_of({"A": 30}, {"T": 5, "U": 5}, routes, [limit("A", most, "R")])
        found = packed(market, endless())
        assert (None if found is None else [edge.name[2] for edge in found.edges]) == names


def test_packed__coarse_source__brings_a_step_more() -> None:
    found = packed(market_of({"A": (3, 0)}, {"T": (25, 1)}), endless())
    assert found is not None
    assert found.steps == (3,)
    assert packed(market_of({"A": (2, 0)}, {"T": (25, 1)}), endless()) is None


def test_packed__too_many_trials__is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    market = market_of({"A": 10, "B": 7}, {"T": 7, "U": 5, "V": 5})
    monkeypatch.setattr(packing, "MOST_TRIALS", 3)
    assert packed(market, endless()) is not None
    monkeypatch.setattr(packing, "MOST_TRIALS", 2)
    with pytest.raises(UndecidedError):
        packed(market, endless())


def test_packed__time_is_over__is_noticed_at_the_64th_trial() -> None:
    needs = {f"T{index:02}": 1 for index in range(64)}
    with pytest.raises(OutOfTimeError):
        packed(market_of({"A": 64}, dict(needs)), passed())


@pytest.mark.parametrize(("triggers", "checks"), [(127, 1), (128, 2)])
def test_pack__many_triggers__checks_the_deadline_every_64th(triggers: int, checks: int) -> None:
    needs = {f"T{index:03}": 1 for index in range(triggers)}
    market = market_of({"A": triggers}, dict(needs))
    deadline, asked = counted()
    assert packing._packs(market, packing._candidates(market), deadline)
    assert len(asked) == checks


def test_packed__quickest_of_two__is_taken_whatever_the_names() -> None:
    routes = [route("A", "T", seconds=Fraction(5)), route("B", "T", seconds=Fraction(1))]
    found = packed(market_of({"A": 9, "B": 9}, {"T": 5}, routes), endless())
    assert found is not None
    assert [edge.name[0] for edge in found.edges] == ["B"]


def test_pack__largest_trigger_first__in_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    # Only A serves T. If U were placed first, it would also take A, which is tighter.
    monkeypatch.setattr(packing, "MOST_TRIALS", 2)
    routes = [route("A", "T"), route("A", "U"), route("B", "U")]
    market = market_of({"A": (12, 0), "B": (200, 1)}, {"T": 8, "U": 5}, routes)
    assert packing._packs(market, packing._candidates(market), endless())


def test_fitting__what_is_left_afterwards__is_the_least_at_the_end() -> None:
    # A sends 5 of 10 and keeps 5; B sends 8 of 11, 3 of them as a fee, and keeps 3.
    routes = [route("A", "T"), route("B", "T", fee=3)]
    market = market_of({"A": 10, "B": 11}, {"T": 5}, routes)
    packer = packing._Packer(market.capacities, packing._candidates(market), [0], endless())
    assert [place.edge.name[0] for place in packer._fitting(0)] == ["A", "B"]


def test_pack__tightest_source_first__large_ones_are_kept_for_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One trial per trigger is enough; sources are compared in tokens and not in units."""
    monkeypatch.setattr(packing, "MOST_TRIALS", 3)
    needs: dict[str, Units] = {"T": 6, "U": 5, "V": 3}
    market = market_of({"A": (8, 0), "B": (70, 1)}, needs)
    assert packing._packs(market, packing._candidates(market), endless())
