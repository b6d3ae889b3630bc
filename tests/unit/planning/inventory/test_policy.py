"""Tests of investments of idle balances above base."""

from __future__ import annotations

from typing import Any

import pytest

from keepers.model.inventory_state import InventorySnapshot
from keepers.model.limits import Limit
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import SizeBands
from keepers.planning.inventory.policy import policy_demands
from tests.unit.planning.inventory.inventories import flight, settings_of, view


def limited(available: int) -> dict[str, Limit]:
    return {"V": Limit(10**30, available, 86_400)}


def invested(
    idle: int, least: int = 1, base: int | None = 500, decimals: int = 6, **more: Any
) -> int | None:
    """Return the amount invested in the venue, or None if nothing is invested."""
    settings = settings_of({1: base}, decimals, invest="V", invest_minimum=least)
    facts: dict[str, Any] = {"venue_limits": limited(10**9)} | more
    seen = InventorySnapshot(views={1: view(1, idle, **facts)})
    demands = policy_demands(settings, seen, "USDC")
    return demands[0].placements[0].amount if demands else None


@pytest.mark.parametrize(
    ("idle", "least", "amount"),
    [
        (500, 1, None),
        (501, 1, 1),
        (501, 0, 1),
        (500, 0, None),
        (499, 0, None),
        (530, 30, 30),
        (530, 31, None),
    ],
)
def test_policy_demands__idle_above_base__from_the_minimum_on(
    idle: int, least: int, amount: int | None
) -> None:
    assert invested(idle, least) == amount


@pytest.mark.parametrize(
    ("more", "amount"),
    [
        ({"venue_limits": limited(20)}, 20),
        ({"venue_limits": {}}, None),
        ({"automatic": 25}, 25),
        ({"automatic": 25, "venue_limits": limited(20)}, 20),
        ({"paused": True}, None),
    ],
)
def test_policy_demands__limits__bound_what_goes_now(
    more: dict[str, Any], amount: int | None
) -> None:
    assert invested(530, **more) == amount


@pytest.mark.parametrize(("single_above", "amount"), [(29, 30), (30, 25)])
def test_policy_demands__size_that_people_approve__is_not_bound_by_the_keeper(
    single_above: int, amount: int
) -> None:
    bands = SizeBands(single_above=single_above, dual_above=10**9, maximum_plan_seconds=1)
    assert invested(530, automatic=25, bands=bands) == amount


def test_policy_demands__other_decimals__sizes_are_of_six() -> None:
    # 0.259999 in six decimals are 25 units of two decimals.
    assert invested(530, decimals=2, automatic=259_999) == 25


def test_policy_demands__no_base__invests_nothing() -> None:
    assert invested(530, base=None) is None


def test_policy_demands__chains_that_cannot_be_planned_or_are_under_way__are_left_out() -> None:
    settings = settings_of({1: 500, 2: 10, 3: 10}, invest="V")
    views = {each: view(each, 530, venue_limits=limited(10**9)) for each in (1, 2, 3)}
    unreadable = {("USDC", 2): ("silent",)}

    first, third = policy_demands(
        settings, InventorySnapshot(views=views, unreadable=unreadable), "USDC"
    )

    assert (first.placements[0].chain_id, third.placements[0].chain_id) == (1, 3)
    assert first.placements[0].verb is PlacementVerb.INVEST
    assert first.floors == {("USDC", 1): 500}
    assert first.detail["need"] == ["USDC EVM-1"]
    assert first.key.endswith(":EVM-1")
    busy = InventorySnapshot(views=views, under_way={"USDC": ("0xa",)})
    assert policy_demands(settings, busy, "USDC") == ()
    other = InventorySnapshot(views=views, in_flight=(flight(1, 2, 531),))
    assert [e.placements[0].chain_id for e in policy_demands(settings, other, "USDC")] == [2, 3]


def test_policy_demands__first_chain_is_paused_or_has_no_base__others_invest() -> None:
    settings = settings_of({1: None, 2: 500, 3: 500}, invest="V")
    views = {
        each: view(each, 530, venue_limits=limited(10**9), paused=each == 2) for each in (1, 2, 3)
    }
    (demand,) = policy_demands(settings, InventorySnapshot(views=views), "USDC")
    assert demand.placements[0].chain_id == 3
