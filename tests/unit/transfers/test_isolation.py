"""A chain that never responds stops only its own transfers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

import pytest

from keepers.model.bridge import Departure, Tracking
from keepers.model.transfer import DONE
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.guarded_bridge import GuardedBridge
from tests.unit.transfers.transfer_rig import ONE, TWO, TransferRig

pytestmark = pytest.mark.long

THREE = 31_339
SOON = 0.25
"""Seconds of one pass; a normal response takes milliseconds."""

TURNS = 25


class Fleet(TransferRig):
    """Three chains; transfers go between the first two by default."""

    ids = (ONE, TWO, THREE)


@pytest.fixture
def fleet(new_file: Callable[[], Path]) -> Fleet:
    made = Fleet(new_file())
    made.world = replace(made.world, pass_seconds=SOON)
    return made


async def never(*_: object, **__: object) -> NoReturn:
    await asyncio.Event().wait()
    raise AssertionError("nobody sets it")


def turn_until_done(fleet: Fleet, key: str) -> None:
    for _ in range(TURNS):
        fleet.turn()
        if fleet.transfers.transfer(key).position == DONE:
            return
    raise AssertionError(f"it stands at {fleet.transfers.transfer(key).position.text}")


@pytest.mark.parametrize("question", ["live", "run_pass"])
def test_engine_of_a_chain__never_answers__other_transfers_go_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch, question: str
) -> None:
    (kept,) = fleet.begin(nonce=1, way=(ONE, THREE))
    (other,) = fleet.begin(nonce=2)
    monkeypatch.setattr(fleet.chains[THREE].transactions, question, never)
    turn_until_done(fleet, other)
    stands = fleet.transfers.transfer(kept)
    assert not stands.has_ended
    monkeypatch.undo()
    fleet.run()
    assert fleet.transfers.transfer(kept).position == DONE


def test_reads_of_a_transfer__never_answer__others_go_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    (kept,) = fleet.begin(nonce=1, way=(THREE, TWO))
    (other,) = fleet.begin(nonce=2)
    for name in ("receipt", "received", "legs", "final_time"):
        monkeypatch.setattr(fleet.chains[THREE], name, never)
    turn_until_done(fleet, other)
    stands = fleet.transfers.transfer(kept)
    assert not stands.has_ended
    assert "no response within 0.25 seconds" in (stands.wait or "")
    monkeypatch.undo()
    fleet.run()
    assert fleet.transfers.transfer(kept).position == DONE


def guard(fleet: Fleet, seconds: float) -> None:
    """Wrap the bridge in the keeper's guard."""
    guarded = GuardedBridge(fleet.attesting, SystemClock(), seconds)
    fleet.world = replace(fleet.world, bridges={**fleet.bridges, "CCTP": guarded})


def test_bridge__silent_when_a_transfer_completes__it_goes_on_by_itself(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(fleet, SOON / 5)
    (key,) = fleet.begin()
    fleet.run_until("CROSS.CROSSED")
    monkeypatch.setattr(fleet.attesting, "complete", never)
    fleet.turn()
    monkeypatch.undo()
    record = fleet.transfers.transfer(key)
    assert (record.position.text, record.trouble) == ("CROSS.CROSSED", None)
    assert "no response to complete from EVM-1 to EVM-42161" in (record.wait or "")
    turn_until_done(fleet, key)


def test_bridge__one_lane_never_answers__transfers_of_other_lanes_go_on(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    guard(fleet, SOON / 2)
    (good,) = fleet.begin(nonce=1)
    (kept,) = fleet.begin(nonce=2, way=(ONE, THREE))
    track = fleet.attesting.track

    async def hang(departure: Departure, remote_id: str) -> Tracking:
        if departure.terms.destination_chain == THREE:
            await never()
        return await track(departure, remote_id)

    monkeypatch.setattr(fleet.attesting, "track", hang)
    turn_until_done(fleet, good)
    stands = fleet.transfers.transfer(kept)
    assert (stands.position.text, stands.trouble) == ("CROSS.CROSSING", None)
    assert f"EVM-{THREE}" in (stands.wait or "")
