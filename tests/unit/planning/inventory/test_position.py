"""Tests of pending effects and of the positions that count them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from keepers.model.inventory import InFlight
from keepers.model.inventory_state import InventorySnapshot
from keepers.model.transaction_states import StepState
from keepers.model.transfer import CALLED_OFF, CROSS, DONE
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import Legs, VenuePosition
from keepers.planning.inventory.position import (
    InventoryPosition,
    Movement,
    coming_by_stage,
    least_shares,
    most_shares,
    movement_of,
    placement_effect,
    positions_of,
)
from tests.unit.planning.inventory.inventories import (
    NOW,
    flight,
    placement,
    settings_of,
    transfer,
    venue,
    view,
)

NONE, SENT, RECEIVED = Legs(), Legs(sent=NOW), Legs(received=NOW)


def moving(arriving: int, *, debited: bool = False, credited: bool = False) -> InFlight:
    return flight(1, 2, 100, arriving=arriving, debited=debited, credited=credited)


@pytest.mark.parametrize(
    ("record", "source", "destination", "told", "movement"),
    [
        # Nothing is seen: all of it is pending, and the minimum that must arrive is counted.
        ({}, NONE, NONE, None, Movement(moving(90))),
        ({}, None, None, None, Movement(moving(90))),
        ({}, SENT, NONE, None, Movement(moving(90, debited=True))),
        ({}, SENT, RECEIVED, None, Movement(moving(90, debited=True, credited=True))),
        # The amount received, else the stored arriving amount, else the amount from the bridge.
        ({"received": 97, "arriving": 96}, SENT, NONE, 95, Movement(moving(97, debited=True))),
        ({"arriving": 96}, SENT, NONE, 95, Movement(moving(96, debited=True))),
        ({}, SENT, NONE, 95, Movement(moving(95, debited=True))),
        ({"received": 0}, SENT, NONE, 95, Movement(moving(0, debited=True))),
        # Cancelled: nothing moves, unless it has left or the source is unknown.
        ({"position": CALLED_OFF}, NONE, NONE, None, Movement(None)),
        ({"position": CALLED_OFF}, SENT, NONE, None, Movement(moving(90, debited=True))),
        ({"position": CALLED_OFF}, None, NONE, None, Movement(moving(90))),
        # Abandoned by an operator: it does not count as arriving.
        ({"position": DONE}, SENT, NONE, None, Movement(moving(90, debited=True, credited=True))),
        ({"position": DONE, "received": 91}, SENT, NONE, None, Movement(moving(91, debited=True))),
        # An amount to be invested does not stay idle; after its arrival it is withheld.
        ({"invest": 60}, SENT, NONE, None, Movement(moving(30, debited=True))),
        (
            {"invest": 60},
            SENT,
            RECEIVED,
            None,
            Movement(moving(90, debited=True, credited=True), 60),
        ),
        (
            {"invest": 60},
            SENT,
            Legs(received=NOW, invested=NOW),
            None,
            Movement(moving(90, debited=True, credited=True)),
        ),
        # An abandoned investment leaves the amount idle.
        (
            {"invest": 60, "position": DONE, "received": 90},
            SENT,
            RECEIVED,
            None,
            Movement(moving(90, debited=True, credited=True)),
        ),
        (
            {"invest": 60, "position": DONE, "received": 90, "state": StepState.DONE},
            SENT,
            RECEIVED,
            None,
            Movement(moving(90, debited=True, credited=True), 60),
        ),
    ],
)
def test_movement_of__legs_at_both_blocks__leave_what_is_still_to_come(
    record: dict[str, Any],
    source: Legs | None,
    destination: Legs | None,
    told: int | None,
    movement: Movement,
) -> None:
    assert movement_of(transfer(**record), source, destination, told) == movement


@pytest.mark.parametrize(
    ("verb", "state", "legs", "effect"),
    [
        (PlacementVerb.INVEST, StepState.PENDING, NONE, -50),
        (PlacementVerb.INVEST, StepState.DONE, NONE, -50),
        (PlacementVerb.INVEST, StepState.DONE, Legs(invested=NOW), 0),
        (PlacementVerb.INVEST, StepState.PENDING, Legs(divested=NOW), -50),
        (PlacementVerb.DIVEST, StepState.PENDING, NONE, 50),
        (PlacementVerb.DIVEST, StepState.PENDING, Legs(divested=NOW), 0),
        (PlacementVerb.DIVEST, StepState.PENDING, Legs(invested=NOW), 50),
        (PlacementVerb.INVEST, StepState.SKIPPED, NONE, 0),
        (PlacementVerb.DIVEST, StepState.FAILED, NONE, 0),
    ],
)
def test_placement_effect__until_its_leg_is_seen__is_still_to_come(
    verb: PlacementVerb, state: StepState, legs: Legs, effect: int
) -> None:
    assert placement_effect(placement(verb, state), legs) == effect


def position_with(base: int | None, idle: int) -> InventoryPosition:
    (position,) = positions_of(settings_of({1: base}), InventorySnapshot(views={1: view(1, idle)}))
    return position


@pytest.mark.parametrize(
    ("base", "idle", "deficit", "surplus", "is_triggered"),
    [
        (None, 700, 0, 0, False),
        (500, 500, 0, 0, False),
        (500, 499, 1, 0, False),
        (500, 501, 0, 1, False),
        (500, 251, 249, 0, False),
        (500, 250, 250, 0, True),
        (501, 250, 251, 0, True),
        (501, 251, 250, 0, False),
    ],
)
def test_position__base_and_balance__say_what_is_missing_or_above(
    base: int | None, idle: int, deficit: int, surplus: int, is_triggered: bool
) -> None:
    position = position_with(base, idle)

    assert (position.deficit, position.surplus) == (deficit, surplus)
    assert position.is_triggered is is_triggered


def test_positions_of__nothing_under_way__withholds_and_releases_nothing() -> None:
    position = position_with(500, 700)

    assert (position.withheld, position.released, position.effective) == (0, 0, 700)
    assert position.threshold == Fraction(250)
    assert position_with(None, 700).threshold is None


def test_positions_of__all_kinds_under_way__counts_each_and_leaves_out_unread_chains() -> None:
    snapshot = InventorySnapshot(
        views={1: view(1, 700, venue(5, 40), venue(1, 2)), 2: view(2, 100)},
        in_flight=(flight(1, 2, 30), flight(2, 1, 9, debited=True)),
        withheld={("USDC", 1): 20},
        released={("USDC", 1): 4},
    )

    first, second = positions_of(settings_of({2: 10, 1: 500, 0: 5}), snapshot)

    assert (first.chain_id, second.chain_id) == (1, 2)
    assert (first.idle, first.invested, first.leaving, first.coming) == (700, 42, 30, 9)
    assert (first.withheld, first.released, first.effective) == (20, 4, 700 - 30 - 20 + 9 + 4)
    assert (second.leaving, second.coming, second.effective) == (0, 30, 130)


def test_coming_by_stage__transfers__those_that_have_not_arrived_of_chains_that_were_read() -> None:
    views = {1: view(1, 0, legs={"0xa": SENT}), 2: view(2, 0, legs={"0xa": NONE})}
    snapshot = InventorySnapshot(views=views)
    stage = CROSS[1].stage

    found = coming_by_stage(snapshot, [transfer(), transfer(received=7)])
    assert found == {("USDC", 2): {stage: 97}}
    assert coming_by_stage(InventorySnapshot(views={1: views[1]}), [transfer()]) == {}
    assert coming_by_stage(InventorySnapshot(views={2: views[2]}), [transfer()]) == {}
    assert coming_by_stage(snapshot, [transfer(transfer_id="0xother")]) == {}
    unread = transfer(transfer_id="0xother")
    assert coming_by_stage(snapshot, [unread, transfer()]) == {("USDC", 2): {stage: 90}}
    left = transfer(position=CALLED_OFF)
    assert coming_by_stage(snapshot, [left]) == {("USDC", 2): {CALLED_OFF.stage: 90}}
    arrived = {1: views[1], 2: view(2, 0, legs={"0xa": RECEIVED})}
    assert coming_by_stage(InventorySnapshot(views=arrived), [transfer()]) == {}
    unsent = {1: view(1, 0, legs={"0xa": NONE}), 2: views[2]}
    called_off = transfer(position=CALLED_OFF)
    assert coming_by_stage(InventorySnapshot(views=unsent), [called_off]) == {}


@pytest.mark.parametrize(
    ("position", "least"),
    [
        (None, 0),
        # Shares without value have no price.
        (venue(7, 0), 0),
        # 100 at 3 shares for 2 are 150 shares; less 1 %, 148.5.
        (venue(300, 200), 148),
    ],
)
def test_least_shares__at_the_venue_s_price__rounds_down(
    position: VenuePosition | None, least: int
) -> None:
    assert least_shares(position, 100, 100) == least


@pytest.mark.parametrize(
    ("amount", "most"),
    [
        # 150 plus 1 % are 151.5.
        (100, 152),
        (200, 300),
    ],
)
def test_most_shares__at_the_venue_s_price__rounds_up_to_what_there_is(
    amount: int, most: int
) -> None:
    assert most_shares(venue(300, 200), amount, 100) == most


def test_most_shares__position_without_value__is_all_that_there_is() -> None:
    assert most_shares(venue(7, 0), 1, 0) == 7
    assert most_shares(venue(7, 1), 1, 0) == 7
    assert most_shares(venue(3, 0), 2, 0) == 3
