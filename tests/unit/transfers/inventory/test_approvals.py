"""Batches above the bands: requested, signed, opened on each chain, started; or refused whole."""

from __future__ import annotations

import asyncio

import pytest

from keepers.model.approval import TicketState
from keepers.model.batch import BatchRecord, BatchState, InstructionState
from keepers.model.run import RunStatus
from keepers.model.treasury import SizeBands, TreasuryVerb
from keepers.transfers.inventory.approved_batches import open_batches
from tests.unit.transfers.inventory.paper import BASE, UNIT, PaperInventory
from tests.unit.transfers.paper_treasury import VENUE
from tests.unit.transfers.transfer_rig import ONE, TWO, Crash, Died

pytestmark = pytest.mark.long

ALICE, BOB = "0x" + "A1" * 20, "0x" + "B0" * 20
BANDS = SizeBands(single_above=50 * UNIT, dual_above=90 * UNIT, maximum_plan_seconds=86_400)


@pytest.fixture
def big(inventory: PaperInventory) -> PaperInventory:
    """Chain that lacks 60, for which the treasury's bands require one approval."""
    inventory.shown[ONE]["bands"] = BANDS
    inventory.use(ONE, -BASE)
    inventory.use(TWO, 60 * UNIT)
    know(inventory)
    return inventory


def know(inventory: PaperInventory) -> None:
    for plans in inventory.plans.values():
        plans.approvers = {ALICE: 1, BOB: 1}


def asked(inventory: PaperInventory) -> BatchRecord:
    (batch,) = inventory.check()
    assert batch.state is BatchState.WAITING
    return batch


def sign(inventory: PaperInventory, batch: BatchRecord, signer: str = ALICE) -> None:
    for plan in batch.plans:
        record = inventory.tickets.ticket(plan.run_id)
        assert record is not None
        inventory.tickets.approve(plan.run_id, signer, signer, record.ticket.plan_hash)


def turn(inventory: PaperInventory) -> None:
    asyncio.run(open_batches(inventory.inventory))
    inventory.turn()


def run(inventory: PaperInventory, turns: int = 30) -> None:
    for _ in range(turns):
        turn(inventory)
        settled = not inventory.transfers.unsettled() and not inventory.transfers.open_plans()
        if settled:
            return
    raise AssertionError("not at its end")


def test_batch__above_a_band__waits_and_reserves(big: PaperInventory) -> None:
    batch = asked(big)
    for _ in range(3):
        turn(big)
        assert big.check() == ()
    assert big.transfers.batch(batch.batch_id).state is BatchState.WAITING
    assert big.idle(ONE) == 2 * BASE
    (notice,) = (each for each in big.transfers_notices() if "approval" in each)
    assert f"ballast approve {batch.batch_id}" in notice


def test_batch__approved__is_opened_and_begins(big: PaperInventory) -> None:
    batch = asked(big)
    (plan,) = batch.plans
    record = big.tickets.ticket(plan.run_id)
    assert record is not None
    signed = record.ticket.treasury_plan
    assert [each.verb for each in signed.actions] == [TreasuryVerb.SEND]
    assert signed.deadline > record.ticket.deadline.timestamp()
    sign(big, batch)
    run(big)
    assert big.transfers.batch(batch.batch_id).state is BatchState.DONE
    assert (big.idle(ONE), big.idle(TWO)) == (BASE + 40 * UNIT, BASE)
    assert len(big.treasuries[ONE].books().opened) == 1
    assert big.status_of_run(plan.run_id) is RunStatus.DONE


def test_batch__of_two_approvals__waits_for_the_second(big: PaperInventory) -> None:
    big.use(TWO, 35 * UNIT)
    batch = asked(big)
    sign(big, batch)
    turn(big)
    assert big.transfers.batch(batch.batch_id).state is BatchState.WAITING
    sign(big, batch, BOB)
    run(big)
    assert big.idle(TWO) == BASE


def of_two_chains(big: PaperInventory) -> BatchRecord:
    """Create a transfer above its source's band, invested above its destination's band."""
    big.shown[TWO]["bands"] = BANDS
    big.transfers.submit(
        "order",
        '{"version": 1, "transfer": {"asset": "USDC", "source": "EVM-1", "destination": '
        f'"EVM-42161", "amount": "60", "invest": "{VENUE}"}}}}',
        "table",
    )
    (batch,) = big.instruct()
    return batch


def test_batch__one_chain_cannot_open__the_other_is_called_off(big: PaperInventory) -> None:
    batch = of_two_chains(big)
    sign(big, batch)
    big.simulators[TWO].problem = "Treasury_Paused"
    run(big)
    ended = big.transfers.batch(batch.batch_id)
    assert ended.state is BatchState.REFUSED
    assert "Treasury_Paused" in (ended.reason or "")
    assert big.transfers.instructions()[0].state is InstructionState.FAILED
    assert big.idle(ONE) == 2 * BASE


def test_batch__of_two_chains__begins_when_all_are_open(big: PaperInventory) -> None:
    """The amount invested on arrival counts at the destination."""
    batch = of_two_chains(big)
    assert [each.chain_id for each in batch.plans] == [ONE, TWO]
    first, second = batch.plans
    record = big.tickets.ticket(first.run_id)
    assert record is not None
    big.tickets.approve(first.run_id, ALICE, ALICE, record.ticket.plan_hash)
    turn(big)
    assert big.transfers.batch(batch.batch_id).state is BatchState.WAITING
    record = big.tickets.ticket(second.run_id)
    assert record is not None
    big.tickets.approve(second.run_id, ALICE, ALICE, record.ticket.plan_hash)
    run(big)
    assert big.invested(TWO) == 60 * UNIT
    assert {each: len(big.treasuries[each].books().opened) for each in (ONE, TWO)} == {
        ONE: 1,
        TWO: 1,
    }


def test_batch__rejected__is_called_off_and_not_asked_for_again(big: PaperInventory) -> None:
    batch = asked(big)
    big.tickets.decide(batch.plans[0].run_id, TicketState.REJECTED, "no", by="alice")
    run(big)
    ended = big.transfers.batch(batch.batch_id)
    assert ended.state is BatchState.REFUSED
    assert "rejected by alice: no" in (ended.reason or "")
    assert big.idle(ONE) == 2 * BASE
    big.use(TWO, 1)
    assert big.check() == (), "nobody is asked for the same within a day"
    big.pass_time(86_400)
    assert len(big.check()) == 1


def test_batch__nobody_decides__expires(big: PaperInventory) -> None:
    batch = asked(big)
    big.shown[ONE]["at"] = batch.deadline.replace(year=2030)
    run(big)
    assert "expired" in (big.transfers.batch(batch.batch_id).reason or "")


def test_batch__paused_meanwhile__is_void(big: PaperInventory) -> None:
    batch = asked(big)
    sign(big, batch)
    big.plans[ONE].epoch = 1
    run(big)
    assert "paused" in (big.transfers.batch(batch.batch_id).reason or "")


def test_batch__that_would_revert_by_now__is_refused_before_it_is_opened(
    big: PaperInventory,
) -> None:
    batch = asked(big)
    sign(big, batch)
    big.use(ONE, 150 * UNIT)
    run(big)
    assert "can no longer be executed" in (big.transfers.batch(batch.batch_id).reason or "")
    assert big.treasuries[ONE].books().opened == set()


def test_batch__approver_was_removed__waits(big: PaperInventory) -> None:
    batch = asked(big)
    sign(big, batch)
    big.plans[ONE].approvers = {}
    turn(big)
    assert big.transfers.batch(batch.batch_id).state is BatchState.WAITING


def test_batch__killed_anywhere__is_opened_and_sent_once(big: PaperInventory) -> None:
    batch = asked(big)
    sign(big, batch)
    passed, point = 0, 0
    while True:
        big.start(Crash(point))
        know(big)
        try:
            for _ in range(8):
                turn(big)
        except Died:
            passed, point = passed + 1, point + 7
            if passed > 12:
                big.start(Crash())
                know(big)
                break
            continue
        break
    run(big)
    assert passed > 3
    assert (big.idle(ONE), big.idle(TWO)) == (BASE + 40 * UNIT, BASE)
    assert len(list(big.treasuries[ONE].chain.included())) == 2
