"""Tests of planner requests from a snapshot, and of the snapshot's key."""

from __future__ import annotations

from typing import Any

import pytest

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import InventorySnapshot
from keepers.planning.inventory.request import (
    balances_document,
    bases_of,
    known_bases,
    request_for,
    snapshot_key,
    unknown_chains,
)
from tests.unit.planning.inventory.inventories import flight, settings_of, view
from tests.unit.planning.inventory.markets import trigger

SETTINGS = settings_of({1: 500, 2: 300, 3: None})


def snapshot(*flights: InFlight, **more: Any) -> InventorySnapshot:
    return InventorySnapshot(views={1: view(1, 700), 2: view(2, 100)}, in_flight=flights, **more)


def test_bases_of__asset__chains_that_have_one() -> None:
    assert bases_of(SETTINGS, "USDC") == {1: 500, 2: 300}
    assert bases_of(SETTINGS, "EURC") == {}


@pytest.mark.parametrize(("leaving", "is_unknown"), [(100, False), (101, True)])
def test_unknown_chains__more_leaves_than_is_there__cannot_be_planned(
    leaving: int, is_unknown: bool
) -> None:
    seen = snapshot(flight(2, 3, leaving))
    reason = "EVM-2: more is about to leave than there is"
    assert unknown_chains(SETTINGS, seen, "USDC") == ({2: (reason,)} if is_unknown else {})
    assert known_bases(SETTINGS, seen, "USDC") == ({1: 500} if is_unknown else {1: 500, 2: 300})


def test_unknown_chains__unreadable__with_its_reasons() -> None:
    seen = snapshot(flight(2, 3, 101), unreadable={("USDC", 2): ("it is silent",)})
    assert unknown_chains(SETTINGS, seen, "USDC") == {2: ("it is silent",)}


@pytest.mark.parametrize(
    ("flights", "withheld", "effective"),
    [
        ([], 0, (700, 100)),
        # Arriving amounts count, but above base only the amount that can leave now counts.
        ([flight(3, 2, 50, debited=True)], 0, (700, 150)),
        ([flight(3, 1, 50, debited=True)], 0, (700, 100)),
        ([flight(3, 1, 50, debited=True)], 250, (500, 100)),
        ([flight(3, 1, 50, debited=True)], 150, (550, 100)),
        ([flight(1, 2, 60)], 0, (640, 160)),
        ([flight(1, 2, 60, debited=True, arriving=55)], 0, (700, 155)),
        ([flight(1, 2, 60, credited=True)], 0, (640, 100)),
        ([flight(1, 3, 60)], 0, (640, 100)),
        ([flight(1, 3, 201)], 0, (499, 100)),
        ([flight(1, 3, 200)], 0, (500, 100)),
    ],
)
def test_request_for__what_is_under_way__balances_are_as_they_will_be(
    flights: list[InFlight], withheld: int, effective: tuple[int, int]
) -> None:
    seen = snapshot(*flights, withheld={("USDC", 1): withheld})

    request = request_for(SETTINGS, seen, "USDC", {1: 500, 2: 300})

    found = request.effective_balances()
    assert (found["USDC", "EVM-1"], found["USDC", "EVM-2"]) == effective
    inside = {each for each in flights if "EVM-3" not in {each.source, each.destination}}
    assert set(request.in_flight) == inside
    assert [each.base for each in request.assets["USDC"].values()] == [500, 300]
    assert (request.routes, request.time_limit) == ((), SETTINGS.time_limit)


def test_request_for__flights_of_another_asset__are_left_out() -> None:
    other = InFlight(
        asset="EURC",
        source="EVM-1",
        destination="EVM-2",
        amount=5,
        arriving=5,
        debited=False,
        credited=False,
    )
    assert request_for(SETTINGS, snapshot(other), "USDC", {1: 500, 2: 300}).in_flight == ()


def test_snapshot_key__same_snapshot__same_key_and_another_for_whatever_matters() -> None:
    def key(*flights: InFlight, triggers: tuple[Any, ...] = (), **more: Any) -> str:
        return snapshot_key(SETTINGS, snapshot(*flights, **more), "USDC", triggers)

    keys = [
        key(),
        key(predecessor="batch"),
        key(under_way={"USDC": ("0xa",)}),
        key(triggers=(trigger("EVM-2", 200),)),
        key(triggers=(trigger("EVM-2", 201),)),
        snapshot_key(settings_of({1: 501, 2: 300}), snapshot(), "USDC", ()),
    ]
    assert len(set(keys)) == len(keys)
    assert key() == key(under_way={"EURC": ("0xa",)})


@pytest.mark.parametrize(("base", "spelled"), [(None, None), (500, "5")])
def test_balances_document__base__is_null_where_there_is_none(
    base: int | None, spelled: str | None
) -> None:
    seen = InventorySnapshot(views={1: view(1, 700)}, in_flight=(flight(2, 1, 50),))

    assert balances_document(settings_of({1: base, 2: 300}), seen, "USDC") == {
        "EVM-1": {"idle": "7", "effective": "7.5", "base": spelled, "block": 1}
    }
