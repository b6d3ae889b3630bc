"""Effects of placements and transfers on a snapshot, one at a time."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections import defaultdict

import pytest

from keepers.model.transaction_states import StepState
from keepers.model.transfer_record import PlacementVerb
from keepers.model.treasury import Legs
from keepers.transfers.inventory.snapshot import _add_placement, _add_transfer, _Findings
from tests.unit.planning.inventory.inventories import NOW, flight, placement, transfer, view

PLACE = ("USDC", 1)


def findings(*legs: tuple[int, Legs]) -> _Findings:
    """Return the given chains as readable, with the legs that each shows of the one movement."""
    views = {each: view(each, 0, legs={"0xa": seen, "0xb": seen}) for each, seen in legs}
    return _Findings(views, defaultdict(list))


@pytest.mark.parametrize(
    ("verb", "legs", "withheld", "released"),
    [
        (PlacementVerb.INVEST, Legs(), {PLACE: 50}, {}),
        (PlacementVerb.INVEST, Legs(invested=NOW), {}, {}),
        (PlacementVerb.DIVEST, Legs(), {}, {PLACE: 50}),
        (PlacementVerb.DIVEST, Legs(divested=NOW), {}, {}),
    ],
)
def test_add_placement__until_it_is_seen__withholds_or_releases(
    verb: PlacementVerb,
    legs: Legs,
    withheld: dict[tuple[str, int], int],
    released: dict[tuple[str, int], int],
) -> None:
    found = findings((1, legs))

    _add_placement(placement(verb, StepState.PENDING), found)

    assert (dict(found.withheld), dict(found.released)) == (withheld, released)
    assert dict(found.under_way) == {"USDC": ["0xb"]}


def test_add_placement__twice__adds_up_and_what_has_ended_is_not_under_way() -> None:
    found = findings((1, Legs()))
    for _ in range(2):
        _add_placement(placement(PlacementVerb.INVEST, StepState.DONE, has_ended=True), found)
    assert (found.withheld[PLACE], dict(found.under_way)) == (100, {})


def test_add_placement__chain_cannot_be_read__is_under_way_and_moves_nothing() -> None:
    found = findings()
    _add_placement(placement(PlacementVerb.INVEST, StepState.PENDING), found)
    assert (dict(found.withheld), dict(found.released)) == ({}, {})
    assert dict(found.under_way) == {"USDC": ["0xb"]}


def test_add_transfer__arrived_with_an_investment__withholds_it_at_the_destination() -> None:
    found = findings((1, Legs(sent=NOW)), (2, Legs(received=NOW)))

    _add_transfer(transfer(invest=60), found)

    assert found.in_flight == [flight(1, 2, 100, arriving=90, debited=True, credited=True)]
    assert dict(found.withheld) == {("USDC", 2): 60}
    assert dict(found.under_way) == {"USDC": ["0xa"]}


def test_add_transfer__bridge_says_what_arrives__counts_that() -> None:
    found = findings((1, Legs(sent=NOW)))
    found.arriving["0xa"] = 95
    _add_transfer(transfer(has_ended=True), found)
    assert found.in_flight == [flight(1, 2, 100, arriving=95, debited=True)]
    assert (dict(found.withheld), dict(found.under_way)) == ({}, {})
