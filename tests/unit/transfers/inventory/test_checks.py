"""One check: what it starts, refuses and leaves unchanged; rows F7 and F9."""

from __future__ import annotations

import asyncio
from fractions import Fraction

import pytest

from keepers.model.batch import BatchOrigin, BatchState
from keepers.model.limits import KeeperLimits, Limit
from keepers.transfers.inventory.snapshot import take_snapshot
from tests.unit.transfers.inventory.paper import BASE, UNIT, PaperInventory
from tests.unit.transfers.paper_treasury import UNLIMITED, VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO, Crash, Died

pytestmark = pytest.mark.long


@pytest.fixture
def low(inventory: PaperInventory) -> PaperInventory:
    """One chain that lacks 60, and one that can give 100."""
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    return inventory


def test_check__nothing_is_triggered__does_nothing(inventory: PaperInventory) -> None:
    inventory.use(TWO, 49 * UNIT)
    assert inventory.check() == ()
    assert inventory.timed.quoted == []


@pytest.mark.parametrize(("fee", "bps"), [(0, 0), (7, 0), (0, 5), (12_345, Fraction(29, 10))])
def test_check__destination_reaches_its_base_whatever_the_fee(
    low: PaperInventory, fee: int, bps: Fraction
) -> None:
    low.timed.fee, low.timed.bps = fee, Fraction(bps)
    low.check()
    low.run()
    assert BASE <= low.idle(TWO) <= BASE + 2, "rounding may bring a unit or two more"
    assert low.idle(ONE) >= BASE


def test_check__message__says_what_left_and_what_arrived(low: PaperInventory) -> None:
    low.timed.fee = 7
    low.check()
    low.run()
    told = [each for each in low.transfers_notices() if "60000007 units sent" in each]
    assert "60000000 arrived" in told[0]


def test_check__dry_run__keeps_the_plan_and_moves_nothing(low: PaperInventory) -> None:
    (batch,) = low.check(armed=False)
    assert batch.state is BatchState.DRY_RUN
    assert low.check(armed=False) == ()
    assert low.transfers.unsettled() == ()
    (real,) = low.check()
    assert real.state is BatchState.RUNNING


def test_check__same_snapshot_twice__is_one_batch(low: PaperInventory) -> None:
    """Two keepers read before either of them stores a batch."""
    snapshot = asyncio.run(take_snapshot(low.inventory))
    low.check()
    later = asyncio.run(take_snapshot(low.inventory))
    assert snapshot.predecessor != later.predecessor
    assert low.check() == ()


def test_check__same_balances_again_after_a_batch__is_another(low: PaperInventory) -> None:
    low.check()
    low.run()
    low.use(ONE, -60 * UNIT)
    low.use(TWO, 60 * UNIT)
    assert len(low.check()) == 1


CONSTRAINTS = {
    "automatic": (
        "EVM-1: the keeper's limit allows 0.000001 USD now",
        {"keeper_limits": KeeperLimits("", Limit(1, 1, 1), UNLIMITED)},
    ),
    "coins": ("EVM-1 cannot send: the keeper has 0.0", {"keeper_balance_wei": 5}),
    "paused": ("EVM-1 cannot send: its treasury is paused", {"paused": True}),
}


@pytest.mark.parametrize("case", CONSTRAINTS)
def test_check__only_source_constrained__is_told_and_made_when_it_is_over(
    low: PaperInventory, case: str
) -> None:
    text, changes = CONSTRAINTS[case]
    low.shown[ONE].update(changes)
    assert low.check() == ()
    assert text in low.left()
    assert "nothing to do" not in low.checked.text
    for each in changes:
        del low.shown[ONE][each]
    (made,) = low.check()
    assert made.state is BatchState.RUNNING


def test_check__fees_above_the_bound__are_refused(low: PaperInventory) -> None:
    low.timed.bps = Fraction(21)
    assert low.check() == ()
    assert "basis points; 20 are allowed" in low.left()


def test_check__that_would_revert__is_refused(low: PaperInventory) -> None:
    low.simulators[ONE].is_able = False
    assert low.check() == ()
    assert "EVM-1 cannot be simulated" in low.left()


@pytest.mark.parametrize(("capacity", "covered"), [(100, True), (5, False), (0, False)])
def test_f7__capacity_is_an_edge_of_the_plan(
    low: PaperInventory, capacity: int, covered: bool
) -> None:
    low.timed.maximum = capacity * UNIT
    assert len(low.check()) == covered
    texts = [each.text for each in low.notices.reported]
    assert any("RouteUnavailable" in each for each in texts) != covered
    assert any("no amount can be transferred now" in each for each in texts) == (capacity == 0)


def test_f7__limit_of_the_route_on_chain__counts_as_well(low: PaperInventory) -> None:
    low.limit(ONE, 59 * UNIT)
    assert low.check() == ()
    low.limit(ONE, 60 * UNIT)
    low.chains[ONE].shown = low.shown[ONE]
    assert len(low.check()) == 1


@pytest.mark.parametrize("what", ["chain", "bridge", "departure"])
def test_f9__what_cannot_be_read__is_told_and_stops_its_own_chain(
    low: PaperInventory, what: str
) -> None:
    low.timed.ready = False
    low.check()
    low.run_until("CROSS.CROSSING")
    low.use(TWO, 60 * UNIT)
    low.use(ONE, -BASE)
    if what == "chain":
        low.chains[TWO].down = True
    elif what == "bridge":
        low.timed.down = True
    else:
        low.treasuries[ONE].chain.reorganise(4)
    assert len(low.check()) == (what == "departure")
    told = {
        "chain": "USDC: not checked: EVM-42161 cannot be read",
        "bridge": "USDC in transit to EVM-42161 by TIMED",
        "departure": "the chain does not show its send transaction",
    }
    assert told[what] in low.left()
    low.chains[TWO].down, low.timed.down = False, False
    if what != "departure":
        assert len(low.check()) == 1


def test_policy__idle_above_base__is_invested_when_nothing_else_is(
    inventory: PaperInventory,
) -> None:
    inventory.change(ONE, invest=VENUE, invest_minimum=10 * UNIT)
    inventory.use(ONE, -9 * UNIT)
    assert inventory.check() == ()
    inventory.use(ONE, -1 * UNIT)
    (batch,) = inventory.check()
    assert batch.origin is BatchOrigin.POLICY
    assert inventory.check() == ()
    inventory.run()
    assert (inventory.idle(ONE), inventory.invested(ONE)) == (BASE, 10 * UNIT)


def test_policy__the_keepers_limit__is_not_exceeded(inventory: PaperInventory) -> None:
    inventory.change(ONE, invest=VENUE)
    inventory.use(ONE, -9 * UNIT)
    limit = KeeperLimits("", Limit(9 * UNIT, 4 * UNIT, 86_400), UNLIMITED)
    inventory.shown[ONE]["keeper_limits"] = limit
    (batch,) = inventory.check()
    assert batch.state is BatchState.RUNNING
    inventory.run()
    assert inventory.invested(ONE) == 4 * UNIT


def test_policy__while_a_chain_is_triggered__waits(low: PaperInventory) -> None:
    low.change(ONE, invest=VENUE)
    (batch,) = low.check()
    assert batch.origin is BatchOrigin.RULEBOOK
    assert low.check() == ()


def test_check__killed_anywhere__begins_one_batch(low: PaperInventory) -> None:
    point = 0
    while True:
        low.start(Crash(point))
        try:
            low.check()
        except Died:
            point += 1
            continue
        break
    low.start(Crash())
    assert low.check() == ()
    low.run()
    assert point > 0
    assert (low.idle(ONE), low.idle(TWO)) == (BASE + 40 * UNIT, BASE)
