"""Rows 56 to 60: calls that would revert, unavailable simulations, and late cancellations."""

from __future__ import annotations

from dataclasses import replace

import pytest

from keepers.model.alarms import Alarm
from keepers.model.transaction_states import RequestedAction
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import POLICY, Rig
from tests.integration.faults.target import REFUSAL, take
from tests.integration.support.faults import Fault, drop, error, page


def kinds(rig: Rig, intent_id: int) -> list[str]:
    return [each.signed.kind for each in rig.attempts(intent_id)]


def test_fault_56_would_revert__is_rejected_with_the_contracts_own_error(rig: Rig) -> None:
    rig.switch(on=True)
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("FAILED", [])
    state, reason = rig.step(intent_id)
    assert state == "FAILED"
    assert REFUSAL in (reason or "")
    assert not rig.auditor.asked
    assert not rig.node.sent
    rig.switch(on=False)
    after = rig.sent()
    assert rig.slot(after).nonce == 0


def test_fault_57_would_revert_by_now__what_was_sent_stands(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.switch(on=True)
    rig.stuck(5)
    assert kinds(rig, intent_id) == ["ORIGINAL"]
    assert Alarm.WOULD_REVERT in rig.raised
    rig.switch(on=False)
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_57_would_revert_by_now__is_cancelled_where_policy_says_so(rig_of: RigOf) -> None:
    rig = rig_of(policy=replace(POLICY, cancel_reverting=True))
    intent_id = rig.sent()
    rig.switch(on=True)
    rig.stuck(4)
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL"]
    rig.mine(4)
    assert rig.intent(intent_id).state == "CANCELLED"
    assert REFUSAL in (rig.step(intent_id)[1] or "")
    assert [each["input"] for each in included(rig)] == ["0x"]


DOWN = [
    pytest.param(drop, id="closed"),
    pytest.param(page(503), id="503"),
    pytest.param(error(-32603, "internal error"), id="error"),
]


def assert_nothing_goes_until(rig: Rig, method: str, down: Fault) -> None:
    rig.node.when(method, down)
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("QUEUED", [])
    assert Alarm.SIMULATION_UNAVAILABLE in rig.raised
    assert not rig.auditor.asked
    assert not rig.node.sent
    rig.node.heal()
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert rig.slot(intent_id).nonce == 0


@pytest.mark.parametrize("down", DOWN)
def test_fault_58_no_simulation__nothing_is_reserved_or_sent(rig: Rig, down: Fault) -> None:
    assert_nothing_goes_until(rig, "eth_call", down)


def test_fault_58_no_simulation_at_a_bump__what_was_sent_stands(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.node.when("eth_call", drop)
    rig.stuck(4)
    assert kinds(rig, intent_id) == ["ORIGINAL"]
    assert Alarm.SIMULATION_UNAVAILABLE in rig.raised
    rig.node.heal()
    rig.stuck()
    assert kinds(rig, intent_id) == ["ORIGINAL", "BUMP"]


@pytest.mark.parametrize("down", DOWN)
def test_fault_59_no_estimate__no_gas_is_guessed(rig: Rig, down: Fault) -> None:
    assert_nothing_goes_until(rig, "eth_estimateGas", down)


def test_fault_60_cancelled_and_the_call_is_mined_first__is_executed(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.do(rig.engine.want(intent_id, RequestedAction.CANCEL, "requested by an operator"))
    rig.run()
    assert kinds(rig, intent_id) == ["ORIGINAL", "CANCEL"]
    rig.chain.mine_raw(rig.node.sent[0])
    rig.mine(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL", "DROPPED"]])
    assert rig.step(intent_id)[0] == "DONE"
    assert [each["input"] for each in included(rig)] == [take(1)]


def test_fault_60_cancelled_and_the_cancellation_is_mined__is_cancelled(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.do(rig.engine.want(intent_id, RequestedAction.CANCEL, "requested by an operator"))
    rig.run()
    rig.mine(4)
    assert rig.states(intent_id) == ("CANCELLED", [["DROPPED", "FINAL"]])
    assert [each["input"] for each in included(rig)] == ["0x"]
