"""Checks use no chain that an instruction has yet to change, and use all other chains."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from keepers.model.treasury import SizeBands
from keepers.transfers.inventory.scheduled_check import instructed_chains
from keepers.transfers.inventory.snapshot import take_snapshot
from tests.unit.transfers.inventory.fleet import BASE_CHAIN, SHORT, SURPLUS, TEN, PaperFleet
from tests.unit.transfers.inventory.paper import BASE, UNIT
from tests.unit.transfers.paper_treasury import VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO

pytestmark = pytest.mark.long

Way = tuple[int, int]


@pytest.fixture
def fleet(new_file: Callable[[], Path]) -> PaperFleet:
    """Two chains with a surplus, two with a deficit."""
    return PaperFleet(new_file())


def instruct(fleet: PaperFleet, way: Way, amount: int, **fields: object) -> str:
    """Instruct a transfer; return its id."""
    source, destination = (f"EVM-{each}" for each in way)
    order = {"asset": "USDC", "source": source, "destination": destination, "amount": str(amount)}
    body = json.dumps({"version": 1, "transfer": {**order, **fields}})
    fleet.transfers.submit("order", body, "table")
    (batch,) = fleet.instruct()
    (record,) = fleet.transfers.of_batch(batch.batch_id)
    return record.transfer_id


def planned(fleet: PaperFleet) -> set[Way]:
    """Run one check; return the sources and destinations of the transfers that it starts."""
    return {
        (each.terms.source_chain, each.terms.destination_chain)
        for batch in fleet.check()
        for each in fleet.transfers.of_batch(batch.batch_id)
    }


def test_check__instruction_that_has_not_left__leaves_both_ends_alone(fleet: PaperFleet) -> None:
    fleet.use(TEN, SURPLUS)
    key = instruct(fleet, (ONE, TWO), 150)
    assert planned(fleet) == set()
    told = fleet.left()
    name = f"transfer {key[:10]} of an instruction"
    assert f"USDC: EVM-1 neither sends nor receives until {name} has left" in told
    assert f"USDC: EVM-42161 neither sends nor receives until {name} has arrived" in told
    assert "EVM-8453 lacks 60: the other chains have a surplus of 0 (InsufficientSurplus)" in told
    notes = {each.text.split(" ")[1] for each in fleet.checked.leftovers if each.is_note}
    assert notes == {"EVM-1", "EVM-42161"}
    fleet.use(TEN, -SURPLUS)
    assert planned(fleet) == {(TEN, BASE_CHAIN)}


def test_check__instruction_that_waits_for_approval__leaves_both_ends_alone(
    fleet: PaperFleet,
) -> None:
    fleet.shown[ONE]["bands"] = SizeBands(
        single_above=50 * UNIT, dual_above=10**20, maximum_plan_seconds=86_400
    )
    instruct(fleet, (ONE, TWO), 60)
    assert planned(fleet) == {(TEN, BASE_CHAIN)}


def test_check__instruction_that_cannot_arrive__others_and_its_source_go_on(
    fleet: PaperFleet,
) -> None:
    """The check does not use its destination, nor money that has left the source."""
    fleet.timed.ready = False
    fleet.use(TEN, SURPLUS)
    instruct(fleet, (ONE, TEN), 90)
    fleet.run_until("CROSS.CROSSING")
    fleet.chains[TEN].down = True
    fleet.timed.ready = True
    for _ in range(20):
        fleet.turn()
    assert planned(fleet) in ({(ONE, TWO)}, {(ONE, BASE_CHAIN)}), "60 of 150 are left to give"
    assert "the other chains have a surplus of 0" in fleet.left()
    fleet.chains[TEN].down = False
    fleet.run()
    assert fleet.idle(ONE) == BASE
    assert fleet.idle(TEN) == BASE + 90 * UNIT


def test_check__source_has_fallen_to_its_threshold__is_brought_back_before_the_arrival(
    fleet: PaperFleet,
) -> None:
    fleet.timed.ready = False
    instruct(fleet, (ONE, TWO), 240)
    assert planned(fleet) == {(TEN, BASE_CHAIN)}
    fleet.use(TEN, -SURPLUS)
    fleet.run_until("CROSS.CROSSING")
    assert (TEN, ONE) in planned(fleet)


def test_check__departure_is_not_deep_enough__source_is_left_alone(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file())
    fleet.shown[TEN]["paused"] = True
    instruct(fleet, (ONE, TWO), 90)
    fleet.run_until("TRANSFER_OUT.CONFIRM")
    assert planned(fleet) == set()
    fleet.timed.ready = False
    fleet.run_until("CROSS.CROSSING")
    assert planned(fleet) == {(ONE, BASE_CHAIN)}


def test_instructed_chains__left_since_the_look__source_is_left_alone(fleet: PaperFleet) -> None:
    """The balance that was read still contains the money, but the transfer's departure does not."""
    snapshot = asyncio.run(take_snapshot(fleet.inventory))
    fleet.timed.ready = False
    instruct(fleet, (ONE, TWO), 150)
    fleet.run_until("CROSS.CROSSING")
    assert set(instructed_chains(fleet.inventory, snapshot, "USDC")) == {ONE, TWO}
    snapshot = asyncio.run(take_snapshot(fleet.inventory))
    assert set(instructed_chains(fleet.inventory, snapshot, "USDC")) == {TWO}


def test_check__chain_is_left_alone__what_was_told_of_it_stands(fleet: PaperFleet) -> None:
    for each in (ONE, TEN):
        fleet.use(each, SURPLUS)
    fleet.check()
    told = len(fleet.notices.reported)
    assert told == 2, "neither can be brought to its base"
    fleet.notices.over.clear()
    instruct(fleet, (ONE, TWO), 10)
    fleet.check()
    assert f"inventory:USDC:EVM-{TWO}" not in fleet.notices.over


def test_check__investment_of_an_instruction_that_has_not_ended__leaves_its_chain_alone(
    fleet: PaperFleet,
) -> None:
    fleet.use(TWO, -SHORT)
    instruct(fleet, (ONE, TWO), 30, invest=VENUE)
    fleet.run_until("INVEST.BUILD")
    fleet.use(TWO, SHORT)
    assert planned(fleet) <= {(ONE, BASE_CHAIN), (TEN, BASE_CHAIN)}
    assert "EVM-42161 lacks 60 and neither sends nor receives until transfer" in fleet.left()
    assert not any(each.is_note for each in fleet.checked.leftovers)
    fleet.run()
    assert {destination for _, destination in planned(fleet)} == {TWO}


def test_check__instruction_is_under_way__patience_with_its_chains_is_kept(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.closed = {(ONE, TWO), (TEN, TWO)}
    fleet.check()
    assert set(fleet.transfers.fallback_waits("USDC")) == {TWO}
    fleet.run()
    instruct(fleet, (TEN, TWO), 10, route="FALL")
    fleet.check()
    assert set(fleet.transfers.fallback_waits("USDC")) == {TWO}
