"""Exchange and custodian end to end: locked, suspended, silent, used up, held and failed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scripts.network.bridging.faults import deaf_after, failing_after
from scripts.network.bridging.server import Fault
from tests.integration.transfers.keeper import TreasuryKeeper
from tests.integration.transfers.kinds import KINDS, assert_once
from tests.integration.transfers.outcome import outcome_of

EXCHANGE, CUSTODIAN = KINDS["EXCHANGE"], KINDS["CUSTODIAN"]
APPLY = "withdraw/apply"


def waits(keeper: TreasuryKeeper, place: str, text: str, hours: int = 0) -> None:
    """Check that the transfer waits at a position with a reason, and needs no operator."""
    keeper.pass_time(timedelta(hours=hours))
    keeper.bring_on()
    record = keeper.only()
    assert record.position.text == place
    assert record.trouble is None
    last = keeper.timeline()[-2:]
    assert any(text in each.text for each in last), [each.text for each in last]


def test_exchange__does_not_unlock_for_hours__withdraws_once_then(keeper: TreasuryKeeper) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.switches.unlocks = True
    keeper.begin(EXCHANGE.order)
    for hours in (0, 6, 6):
        waits(keeper, "CROSS.CREATE", "", hours)
        bridges.deliver()
    waits(keeper, "CROSS.CREATE", "not withdrawable yet")
    assert bridges.exchange.count(APPLY) == 0
    bridges.switches.reset()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), EXCHANGE)


def test_exchange__suspends_withdrawals_after_the_deposit__waits(
    keeper: TreasuryKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Row F8: the network's state reports it, and so does the refusal."""
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    keeper.begin(EXCHANGE.order)
    keeper.bring_on()
    bridges.deliver()
    with monkeypatch.context() as closed:
        closed.setitem(bridges.exchange.networks["USDC"]["OPTIMISM"], "withdrawEnable", False)
        waits(keeper, "CROSS.CREATE", "withdrawals", 3)
    bridges.exchange.refusal = {"code": "031026", "msg": "Withdrawals are suspended."}
    waits(keeper, "CROSS.CREATE", "suspended", 3)
    bridges.exchange.refusal = {"code": "RW00441", "msg": "The amount is not unlocked yet."}
    waits(keeper, "CROSS.CREATE", "unlocked", 3)
    bridges.exchange.refusal = None
    keeper.pass_time(timedelta(hours=1))
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), EXCHANGE)


@pytest.mark.parametrize("fault", [deaf_after, failing_after])
def test_exchange__accepts_and_does_not_answer__one_withdrawal(
    keeper: TreasuryKeeper, fault: Fault
) -> None:
    """Row F4: the withdrawal is stored before it is requested, and found again by its id."""
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    keeper.begin(EXCHANGE.order)
    keeper.bring_on()
    bridges.deliver()
    bridges.exchange.hidden = True
    bridges.exchange.when(APPLY, fault, times=1)
    waits(keeper, "CROSS.CREATE", "")
    waits(keeper, "CROSS.CREATE", "history does not show it")
    assert bridges.exchange.count(APPLY) == 1
    bridges.exchange.hidden = False
    keeper.bring_to_the_end()
    assert bridges.exchange.count(APPLY) == 1
    assert_once(outcome_of(keeper).since(before), EXCHANGE)


def test_exchange__quota_is_used_up__waits_for_the_next_day(
    keeper: TreasuryKeeper, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    keeper.begin(EXCHANGE.order)
    keeper.bring_on()
    bridges.deliver()
    with monkeypatch.context() as used:
        used.setitem(bridges.exchange.quota, "usedWdQuota", "8000000")
        waits(keeper, "CROSS.CREATE", "limit", 3)
        assert bridges.exchange.count(APPLY) == 0
    keeper.pass_time(timedelta(days=1))
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), EXCHANGE)


@pytest.mark.parametrize("fault", [deaf_after, failing_after])
def test_custodian__accepts_and_does_not_answer__one_crossing(
    keeper: TreasuryKeeper, fault: Fault
) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.custodian.when("/crossings/", fault, times=1)
    keeper.begin(CUSTODIAN.order)
    keeper.bring_to_the_end()
    assert bridges.custodian.count("/crossings/", "PUT") == 2
    assert_once(outcome_of(keeper).since(before), CUSTODIAN)


@pytest.mark.parametrize("state", ["held", "failed"])
def test_custodian__holds_or_fails__is_stuck_and_goes_on_if_it_crosses_after_all(
    keeper: TreasuryKeeper, state: str
) -> None:
    before, bridges = outcome_of(keeper), keeper.treasuries.bridges
    bridges.switches.crossings = True
    keeper.begin(CUSTODIAN.order)
    keeper.bring_on()
    key = keeper.only().transfer_id
    bridges.custodian.move(key, state, reason="compliance looks at it")
    keeper.bring_on()
    trouble = keeper.only().trouble
    assert trouble is not None
    assert "compliance" in trouble.reason
    bridges.custodian.move(key, "accepted")
    bridges.switches.reset()
    bridges.deliver()
    keeper.bring_to_the_end()
    assert_once(outcome_of(keeper).since(before), CUSTODIAN)
