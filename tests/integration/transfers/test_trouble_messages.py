"""LayerZero faults end to end: messages held or composed late, and a wrong scan service."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scripts.network.bridging.faults import down, lying
from scripts.network.bridging.server import Fault
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.kinds import KINDS, assert_once
from tests.integration.transfers.outcome import outcome_of

KIND = KINDS["OFT"]


def saying(status: str, destination: str) -> Fault:
    """Return a fault: the scan service reports this status of every message."""

    def change(body: dict[str, Any]) -> dict[str, Any]:
        said = {"status": {"name": status, "message": ""}, "destination": {"status": destination}}
        return {"data": [row | said for row in body["data"]]}

    return lying(change)


def left(keeper: TreasuryKeeper) -> None:
    """Send a transfer, which then waits for its message."""
    keeper.begin(KIND.order)
    keeper.bring_on()
    keeper.treasuries.bridges.deliver()


@pytest.mark.parametrize("switch", ["packets", "composes"])
def test_message__held_for_hours__waits_and_arrives_once(
    keeper: TreasuryKeeper, switch: str
) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    setattr(bridges.switches, switch, True)
    left(keeper)
    for _ in range(2):
        keeper.pass_time(timedelta(hours=8))
        keeper.bring_on()
        assert keeper.only().position.text == "CROSS.CROSSING"
        assert keeper.only().trouble is None
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), KIND)


@pytest.mark.parametrize(
    ("status", "destination", "is_stuck"),
    [("DELIVERED", "SUCCEEDED", False), ("FAILED", "FAILED", True), ("BLOCKED", "WAITING", True)],
)
def test_scan__contradicts_the_chain__the_chain_is_believed(
    keeper: TreasuryKeeper, status: str, destination: str, *, is_stuck: bool
) -> None:
    """Row F10: the scan reports an end while the chain has no tokens; then the chain has them."""
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.switches.packets = True
    left(keeper)
    bridges.scan.when("/messages/", saying(status, destination))
    keeper.bring_on()
    assert keeper.only().position.text == "CROSS.CROSSING"
    assert (keeper.only().trouble is not None) == is_stuck
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), KIND)


def test_scan__down__is_not_needed_for_what_has_arrived(keeper: TreasuryKeeper) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.switches.packets = True
    left(keeper)
    bridges.scan.when("/messages/", down())
    keeper.bring_on()
    assert keeper.only().position.text == "CROSS.CROSSING"
    assert keeper.only().wait
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), KIND)
