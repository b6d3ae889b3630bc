"""A failure between chains stops only the failed part: rows of the matrix, and more cases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from keepers.model.batch import BatchState, InstructionState
from keepers.model.bridge import Departure, Tracking
from keepers.model.limits import Limit
from keepers.model.treasury import SizeBands
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.treasury.guarded_bridge import GuardedBridge
from keepers.transfers.inventory.instructions import explain_instruction
from tests.unit.transfers.inventory.fleet import (
    BASE_CHAIN,
    PATIENCE,
    SHORT,
    SURPLUS,
    TEN,
    PaperFleet,
)
from tests.unit.transfers.inventory.isolation_rows import ROWS
from tests.unit.transfers.inventory.paper import BASE, UNIT
from tests.unit.transfers.paper_treasury import UNLIMITED
from tests.unit.transfers.transfer_rig import ONE, TWO, Crash

pytestmark = pytest.mark.long


@pytest.fixture
def fleet(new_file: Callable[[], Path]) -> PaperFleet:
    """Two chains with a surplus, two with a deficit."""
    return PaperFleet(new_file())


@pytest.mark.parametrize("row", ROWS)
def test_isolation__row__goes_on(fleet: PaperFleet, row: str) -> None:
    case = ROWS[row]
    case.breaks(fleet)
    fleet.check()
    assert {destination for _, destination, _ in fleet.served()} == case.goes_on
    assert case.told in fleet.left()
    for each in fleet.chains.values():
        each.down, each.hangs, each.trouble = False, False, None
    fleet.run()
    for chain_id in case.goes_on:
        assert fleet.idle(chain_id) == BASE
    assert min(fleet.idle(ONE), fleet.idle(TEN)) >= BASE


def test_check__all_is_well__leaves_nothing(fleet: PaperFleet) -> None:
    assert len(fleet.check()) == 2, "each destination is a batch of its own"
    assert fleet.checked.leftovers == ()


def test_check__a_limit_that_lanes_share__is_used_once_from_each(fleet: PaperFleet) -> None:
    """Two triggers, and two sources whose route admits one transfer each."""
    fleet.restrict(ONE, SHORT)
    fleet.restrict(TEN, SHORT)
    fleet.check()
    assert {source for source, *_ in fleet.served()} == {ONE, TEN}


def test_check__limits_below_the_need__say_what_they_admit_and_when(fleet: PaperFleet) -> None:
    for each in (ONE, TEN):
        limit = Limit(BASE, 5 * UNIT, 86_400)
        fleet.shown[each]["route_limits"] = {("USDC", "TIMED"): limit}
    assert fleet.check() == ()
    assert (
        "USDC: EVM-42161 lacks 60: no route can carry it: TIMED from EVM-1: its limit allows 5 "
        in (fleet.left())
    )
    assert "RouteUnavailable" in fleet.left()


def test_check__one_destination_waits_for_approval__the_other_goes_on(fleet: PaperFleet) -> None:
    fleet.timed.closed |= {(TEN, TWO), (ONE, BASE_CHAIN)}
    fleet.shown[ONE]["bands"] = SizeBands(
        single_above=50 * UNIT, dual_above=10**20, maximum_plan_seconds=86_400
    )
    states = {each.state for each in fleet.check()}
    assert states == {BatchState.WAITING, BatchState.RUNNING}
    for _ in range(20):
        fleet.turn()
    assert (fleet.idle(BASE_CHAIN), fleet.idle(TWO)) == (BASE, BASE - SHORT)


def test_check__destinations_from_one_approved_chain__are_one_plan(fleet: PaperFleet) -> None:
    """Approval depends on the total that leaves the chain, so splitting avoids no approval."""
    fleet.shown[TEN]["paused"] = True
    fleet.shown[ONE]["bands"] = SizeBands(
        single_above=100 * UNIT, dual_above=10**20, maximum_plan_seconds=86_400
    )
    (batch,) = fleet.check()
    assert batch.state is BatchState.WAITING
    assert len(fleet.transfers.of_batch(batch.batch_id)) == 2


def test_check__insufficient__is_never_nothing_to_do(fleet: PaperFleet) -> None:
    fleet.use(ONE, SURPLUS)
    fleet.use(TEN, SURPLUS)
    assert fleet.check() == ()
    assert fleet.checked.text.count("(InsufficientSurplus)") == 2
    assert "nothing to do" not in fleet.checked.text


def test_fallback__is_used_after_patience_and_not_before(new_file: Callable[[], Path]) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    assert fleet.check() == ()
    assert "a fallback, used from" in fleet.left()
    fleet.pass_time(PATIENCE - 10)
    fleet.start(Crash())
    assert fleet.check() == (), "kept over a restart"
    fleet.pass_time(20)
    assert len(fleet.check()) == 2
    assert {route for *_, route in fleet.served()} == {"FALL"}


def test_fallback__patience_begins_anew_when_the_preferred_route_works(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    fleet.check()
    fleet.pass_time(PATIENCE + 10)
    fleet.timed.down = False
    assert len(fleet.check()) == 2
    assert {route for *_, route in fleet.served()} == {"TIMED"}
    assert fleet.transfers.fallback_waits("USDC") == {}


@pytest.mark.parametrize("silent", [(TWO,), (ONE, TEN), (ONE,)])
def test_fallback__chains_that_cannot_be_read_at_one_look__keeps_the_time(
    new_file: Callable[[], Path], silent: tuple[int, ...]
) -> None:
    """Cases: the chain in need, all chains with a surplus, and one of these."""
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    fleet.check()
    fleet.pass_time(PATIENCE - 10)
    for each in silent:
        fleet.chains[each].down = True
    fleet.check()
    assert TWO not in {destination for _, destination, _ in fleet.served()}
    for each in silent:
        fleet.chains[each].down = False
    fleet.pass_time(20)
    fleet.check()
    assert TWO in {destination for _, destination, _ in fleet.served()}, fleet.left()


def test_fallback__only_preferred_source_cannot_be_read__is_not_used_early(
    new_file: Callable[[], Path],
) -> None:
    """The other routes of an unreadable chain are unknown now, but were known before."""
    fleet = PaperFleet(new_file(), fallback=True)
    for each in (TEN, BASE_CHAIN):
        fleet.shown[each]["route_limits"] = {("USDC", "FALL"): UNLIMITED}
    fleet.timed.down = True
    fleet.check()
    fleet.chains[ONE].down = True
    fleet.pass_time(60)
    fleet.check()
    assert TWO not in {destination for _, destination, _ in fleet.served()}
    fleet.pass_time(PATIENCE)
    fleet.check()
    assert (TEN, TWO, "FALL") in fleet.served()


def test_fallback__silent_at_one_look_itself__keeps_the_time(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    fleet.check()
    fleet.pass_time(PATIENCE + 10)
    fleet.fall.down = True
    assert fleet.check() == ()
    fleet.fall.down = False
    assert len(fleet.check()) == 2


def test_fallback__chain_needs_nothing_any_more__time_is_forgotten(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    fleet.check()
    assert set(fleet.transfers.fallback_waits("USDC")) == {TWO, BASE_CHAIN}
    fleet.use(TWO, -SHORT)
    fleet.check()
    assert set(fleet.transfers.fallback_waits("USDC")) == {BASE_CHAIN}
    fleet.use(BASE_CHAIN, -SHORT)
    fleet.check()
    assert fleet.transfers.fallback_waits("USDC") == {}


def test_fallback__where_there_is_no_other_route__is_used_at_once(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    for each in fleet.ids:
        limits = fleet.shown[each]["route_limits"]
        fleet.shown[each]["route_limits"] = {
            name: limit for name, limit in limits.items() if name[1] == "FALL"
        }
    assert len(fleet.check()) == 2


def test_under_way__from_a_chain_that_cannot_be_read__counts_where_it_arrives(
    fleet: PaperFleet,
) -> None:
    """Nothing is sent twice while its source does not respond."""
    fleet.timed.ready = False
    fleet.check()
    for _ in range(6):
        fleet.turn()
    fleet.chains[ONE].down = True
    assert fleet.check() == ()
    assert len(fleet.served()) == 2


def test_under_way__that_nobody_can_follow__stops_nothing(fleet: PaperFleet) -> None:
    fleet.shown[BASE_CHAIN]["keeper_balance_wei"] = 5
    fleet.timed.ready = False
    fleet.check()
    fleet.run_until("CROSS.CROSSING")
    del fleet.shown[BASE_CHAIN]["keeper_balance_wei"]
    (record,) = fleet.transfers.unsettled()
    machine = replace(fleet.world, bridges={"TIMED": Untracked(fleet)})  # type: ignore[dict-item]
    fleet.inventory = replace(fleet.inventory, machine=machine)
    assert len(fleet.check()) == 1
    assert f"USDC in transit to EVM-42161 by TIMED ({record.transfer_id[:10]})" in fleet.left()


def test_lane__one_never_answers__quotes_of_others_are_asked(
    fleet: PaperFleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The guard's time is shorter than the time of a check for a bridge."""
    fleet.timed.ready = False
    fleet.begin("TIMED", way=(ONE, TEN))
    fleet.run_until("CROSS.CROSSING")
    track = fleet.timed.track

    async def hang(departure: Departure, remote_id: str) -> Tracking:
        if departure.terms.destination_chain == TEN:
            await asyncio.Event().wait()
        return await track(departure, remote_id)

    monkeypatch.setattr(fleet.timed, "track", hang)
    guarded = GuardedBridge(fleet.timed, SystemClock(), 0.1)
    machine = replace(fleet.world, bridges={"TIMED": guarded})
    fleet.inventory = replace(fleet.inventory, machine=machine)
    assert len(fleet.check()) == 2
    assert {destination for _, destination, _ in fleet.served()} == {TEN, TWO, BASE_CHAIN}


class Untracked:
    """Bridge that quotes but never responds to tracking."""

    def __init__(self, fleet: PaperFleet) -> None:
        self._fleet = fleet

    async def track(self, *_: object) -> object:
        await asyncio.Event().wait()
        raise AssertionError

    def __getattr__(self, name: str) -> object:
        return getattr(self._fleet.timed, name)


SMALL = {"asset": "USDC", "source": "EVM-1", "destination": "EVM-42161", "amount": "30"}


def submit(fleet: PaperFleet, **transfer: str) -> None:
    body = json.dumps({"version": 1, "transfer": {**SMALL, **transfer}})
    fleet.transfers.submit("order-1", body, "table")


def test_instruction__a_failed_look__waits_and_says_so(fleet: PaperFleet) -> None:
    """C5: an instruction waits while its bridge is down."""
    fleet.timed.down = True
    submit(fleet)
    assert fleet.instruct() == ()
    (record,) = fleet.transfers.instructions()
    assert record.state is InstructionState.RECEIVED
    assert "waiting: no route carries this USDC" in (record.reason or "")
    fleet.timed.down = False
    assert len(fleet.instruct()) == 1


def test_instruction__of_chains_that_can_be_read__does_not_wait_for_others(
    fleet: PaperFleet,
) -> None:
    fleet.chains[TEN].down = True
    submit(fleet)
    assert len(fleet.instruct()) == 1


def test_instruction__what_the_chain_says__refuses_for_good(fleet: PaperFleet) -> None:
    fleet.shown[ONE]["paused"] = True
    submit(fleet)
    fleet.instruct()
    (record,) = fleet.transfers.instructions()
    assert record.state is InstructionState.REFUSED
    assert "EVM-1 cannot send: its treasury is paused" in (record.reason or "")


def test_instruction__a_fallback__waits_unless_it_is_named(new_file: Callable[[], Path]) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    submit(fleet)
    assert fleet.instruct() == ()
    text = json.dumps({"version": 1, "transfer": SMALL})
    told = asyncio.run(explain_instruction(fleet.inventory, text))
    assert told["state"] == "WOULD_WAIT"
    fleet.check()
    fleet.pass_time(timedelta(seconds=PATIENCE + 1).total_seconds())
    named = {"version": 1, "transfer": {**SMALL, "route": "FALL"}}
    told = asyncio.run(explain_instruction(fleet.inventory, json.dumps(named)))
    assert told["state"] == "WOULD_RUN"
    assert len(fleet.instruct()) == 1
    assert {route for *_, route in fleet.served()} == {"FALL"}
    assert fleet.transfers.fallback_waits("USDC", 1) == {}, "it waits for nothing any more"


def test_instruction__fallback_is_silent_at_one_look__keeps_the_time(
    new_file: Callable[[], Path],
) -> None:
    fleet = PaperFleet(new_file(), fallback=True)
    fleet.timed.down = True
    submit(fleet)
    assert fleet.instruct() == ()
    fleet.pass_time(PATIENCE + 1)
    fleet.fall.down = True
    assert fleet.instruct() == ()
    fleet.fall.down = False
    assert len(fleet.instruct()) == 1


def explained(fleet: PaperFleet, **order: object) -> str:
    """Return the plan in the dry run of an instruction."""
    text = json.dumps({"version": 1, **order})
    told = asyncio.run(explain_instruction(fleet.inventory, text))
    assert told["state"] == "WOULD_RUN", told
    return str(told["plan"])


def impatient(file: Path) -> PaperFleet:
    """Return a fleet that uses its fallback as soon as the first route cannot carry."""
    fleet = PaperFleet(file, fallback=True)
    fleet.settings = replace(fleet.settings, fallback_patience=timedelta(0))
    fleet.start(Crash())
    return fleet


def test_explain__the_first_route_carries__does_not_speak_of_fallbacks(
    new_file: Callable[[], Path],
) -> None:
    fleet = impatient(new_file())
    assert explained(fleet, transfer=SMALL) == "USDC is moved as instructed"


def test_explain__a_fallback_since_the_first_is_silent__says_why(
    new_file: Callable[[], Path],
) -> None:
    """T19: only `plan --explain` showed why the first route could not carry."""
    fleet = impatient(new_file())
    fleet.timed.down = True
    (why,) = explained(fleet, transfer=SMALL).splitlines()[1:]
    assert why.startswith("FALL from EVM-1 to EVM-42161 is a fallback: TIMED from EVM-1 to ")
    assert "TIMED does not respond: down" in why


def test_explain__targets_by_a_fallback__say_why(new_file: Callable[[], Path]) -> None:
    fleet = impatient(new_file())
    fleet.timed.down = True
    targets = {"USDC": {"EVM-1": {"idle": "50"}, "EVM-42161": {"idle": "100"}}}
    plan = explained(fleet, targets=targets, remainder="EVM-1")
    assert "is a fallback: TIMED from EVM-" in plan


def test_explain__a_fallback_since_the_first_has_no_limit_left__says_why(
    new_file: Callable[[], Path],
) -> None:
    fleet = impatient(new_file())
    fleet.restrict(ONE, 1)
    (why,) = explained(fleet, transfer=SMALL).splitlines()[1:]
    assert why.startswith("FALL from EVM-1 to EVM-42161 is a fallback: ")
    assert "TIMED" in why


def test_explain__only_a_fallback_leads_there__says_so(new_file: Callable[[], Path]) -> None:
    fleet = impatient(new_file())
    for each in fleet.ids:
        fleet.shown[each]["route_limits"].pop(("USDC", "TIMED"))
    assert explained(fleet, transfer=SMALL).splitlines()[1:] == [
        "FALL from EVM-1 to EVM-42161 is a fallback: no other route leads there"
    ]


def test_explain__a_fallback_that_is_named__needs_no_reason(new_file: Callable[[], Path]) -> None:
    fleet = impatient(new_file())
    fleet.timed.down = True
    assert explained(fleet, transfer={**SMALL, "route": "FALL"}) == "USDC is moved as instructed"
