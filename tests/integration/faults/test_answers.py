"""Rows 14 to 18: errors in the words of different nodes."""

from __future__ import annotations

import pytest

from keepers.model.alarms import CRITICAL, Alarm
from keepers.model.chain import NodeRole
from keepers.model.transaction_states import AttemptKind
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import ETHER, Rig
from tests.integration.faults.target import take
from tests.integration.support.faults import Failure, drop, error, reply_with, result
from tests.integration.support.upstream import SEND

LOOK = "eth_getTransactionByHash"
FEE_CAP = "tx fee (1.50 ether) exceeds the configured cap (1.00 ether)"


@pytest.mark.parametrize(
    "text",
    [
        "already known",
        "known transaction: 0x1234",
        "transaction already imported",
        "Transaction with the same hash was already imported.",
        "AlreadyKnown",
    ],
)
def test_fault_14_known__in_every_clients_words__counts_as_sent(rig: Rig, text: str) -> None:
    rig.node.when(SEND, reply_with(Failure(-32000, text)), times=1)
    rig.node.when(LOOK, drop)
    intent_id = rig.sent()
    rig.stuck(2)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(rig.node.sent) == 1


def test_fault_14_unknown_transaction__is_not_a_known_one(rig: Rig) -> None:
    rig.node.when(SEND, error(-32000, "unknown transaction"), times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in rig.raised


def test_fault_15_account_is_reserved_for_blobs__stops_and_is_told(rig: Rig) -> None:
    rig.node.when(SEND, error(-32000, "address already reserved"))
    intent_id = rig.submit()
    rig.run(2)
    rig.stuck(6)
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert len(rig.node.sent) == 1
    assert Alarm.NONCE_RESERVED in rig.raised & CRITICAL
    rig.node.heal()
    rig.resume()
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


def test_fault_16_one_node_caps_fees__the_other_takes_it(rig_of: RigOf) -> None:
    rig = rig_of(roles=(NodeRole.READER,) * 2)
    rig.nodes[0].when(SEND, error(-32000, FEE_CAP))
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert Alarm.SEND_REFUSED not in rig.raised


def test_fault_16_all_nodes_cap_fees__the_bytes_wait_and_somebody_is_called(rig_of: RigOf) -> None:
    rig = rig_of(roles=(NodeRole.READER,) * 2)
    rules = [node.when(SEND, error(-32000, FEE_CAP)) for node in rig.nodes]
    intent_id = rig.submit()
    rig.run(3)
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_REFUSED in rig.raised & CRITICAL
    rig.nodes[1].remove(rules[1])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.nodes[0].sent)) == 1


def test_fault_17_no_coins__nothing_has_a_nonce_until_they_come(rig: Rig) -> None:
    rig.chain.set_balance(rig.sender, 0)
    rig.chain.mine()
    intent_id = rig.submit()
    rig.run(3)
    record = rig.intent(intent_id)
    assert (record.state, record.hold, record.slots) == ("BLOCKED", "FUNDS", ())
    assert Alarm.FUNDS in rig.raised
    estimates = rig.node.asked("eth_estimateGas")
    rig.chain.set_balance(rig.sender, ETHER)
    rig.mine()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert rig.node.asked("eth_estimateGas") > estimates


def test_fault_17_coins_are_gone_once_it_is_signed__the_same_bytes_wait(rig: Rig) -> None:
    text = "insufficient funds for gas * price + value: balance 0, tx cost 1"
    rig.node.when(SEND, error(-32000, text), times=2)
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.FUNDS in rig.raised
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.node.sent)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "exceeds block gas limit",
        "intrinsic gas too low: gas 20000, minimum needed 21000",
        "oversized data: transaction size 140000, limit 131072",
    ],
)
def test_fault_18_bytes_that_no_node_will_ever_take__nonce_goes_to_a_cancellation(
    rig: Rig, text: str
) -> None:
    rig.node.when(SEND, error(-32000, text), times=1)
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("BROADCAST", [["REFUSED", "BROADCAST"]])
    kinds = [each.signed.kind for each in rig.attempts(intent_id)]
    assert kinds == [AttemptKind.ORIGINAL, AttemptKind.CANCEL]
    assert Alarm.SEND_REFUSED in rig.raised
    rig.mine(4)
    assert rig.intent(intent_id).state == "CANCELLED"
    assert text in (rig.step(intent_id)[1] or "")
    assert [each["input"] for each in included(rig)] == ["0x"]
    after = rig.sent()
    assert rig.slot(after).nonce == 1


def test_fault_18_more_gas_than_a_block_has__is_rejected_without_a_nonce(rig: Rig) -> None:
    rig.node.when("eth_estimateGas", result(hex(10**9)))
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("FAILED", [])
    assert "gas" in (rig.step(intent_id)[1] or "")
    rig.node.heal()
    after = rig.sent()
    assert rig.slot(after).nonce == 0
    rig.mine()
    assert [each["input"] for each in included(rig)] == [take(2)]
