"""Rows 1 to 6: a node gives no response about the bytes, or a meaningless one."""

from __future__ import annotations

import pytest

from keepers.model.alarms import CRITICAL, Alarm
from keepers.model.chain import NodeRole, NodeState
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.rig import Rig
from tests.integration.support.faults import (
    Failure,
    Fault,
    Gate,
    drop,
    drop_reply,
    error,
    page,
    reply_with,
)
from tests.integration.support.upstream import SEND

ODD = Failure(-32000, "the flux capacitor is empty")
LOOK = "eth_getTransactionByHash"


def test_fault_01_timeout_before_the_node__same_bytes_are_sent_again(rig_of: RigOf) -> None:
    rig = rig_of(node_seconds=2.0)
    silent = Gate(then=drop)
    rig.node.when(SEND, silent, times=1)
    intent_id = rig.sent()
    silent.release()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in rig.raised
    rig.reconnect(node_seconds=20.0)
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert rig.node.sent == (rig.node.sent[0],) * 2
    assert rig.slot(intent_id).nonce == 0


def test_fault_01_connection_breaks_before_the_node__same_bytes_are_sent_again(rig: Rig) -> None:
    rig.node.when(SEND, drop, times=3)
    intent_id = rig.sent()
    rig.run(2)
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(rig.node.sent) == 4
    assert len(set(rig.node.sent)) == 1


def test_fault_02_answer_is_lost__already_known_counts_as_sent(rig: Rig) -> None:
    rig.node.when(SEND, drop_reply, times=1)
    rig.node.when(LOOK, drop, times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    outcomes = [call.outcome for call in rig.node.calls if call.method == SEND]
    assert isinstance(outcomes[1], Failure)
    assert "already imported" in outcomes[1].message
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert rig.chain.nonce(rig.sender) == 1


def test_fault_02_answer_is_lost__node_is_asked_for_the_hash(rig: Rig) -> None:
    rig.node.when(SEND, drop_reply, times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(rig.node.sent) == 1


def test_fault_03_unknown_error_and_nothing_arrived__is_tried_again_and_told(rig: Rig) -> None:
    rig.node.when(SEND, error(ODD.code, ODD.message), times=2)
    intent_id = rig.sent()
    rig.run()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in rig.raised & CRITICAL
    assert any(ODD.message in text for _, text in rig.telemetry.alarms)
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.node.sent)) == 1


def test_fault_04_unknown_error_and_the_bytes_arrived__counts_as_sent(rig: Rig) -> None:
    rig.node.when(SEND, reply_with(ODD), times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert Alarm.SEND_UNKNOWN not in rig.raised


def test_fault_05_unknown_error_and_no_look_at_the_pool__stays_and_is_tried_again(
    rig: Rig,
) -> None:
    rig.node.when(SEND, reply_with(ODD), times=1)
    rig.node.when(LOOK, error(-32603, "internal error"), times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in rig.raised
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


@pytest.mark.parametrize(
    "broken",
    [page(429), page(503), page(408), page(200, "<html>welcome</html>"), drop],
    ids=["429", "503", "408", "html", "closed"],
)
def test_fault_06_node_answers_no_json__the_other_one_is_used(rig_of: RigOf, broken: Fault) -> None:
    rig = rig_of(roles=(NodeRole.READER,) * 2)
    for method in METHODS:
        rig.nodes[0].when(method, broken)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert [each.state for each in rig.pool.health()] == [NodeState.FAILING, NodeState.HEALTHY]
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"


METHODS = (
    "eth_chainId",
    "eth_getBlockByNumber",
    "eth_getTransactionCount",
    "eth_getBalance",
    "eth_call",
    "eth_estimateGas",
    "eth_maxPriorityFeePerGas",
    "eth_getTransactionReceipt",
    LOOK,
    SEND,
)


@pytest.mark.parametrize("status", [429, 503, 408])
def test_fault_06_only_node_answers_no_json__nothing_is_given_up(rig: Rig, status: int) -> None:
    rig.node.when(SEND, page(status), times=2)
    intent_id = rig.sent()
    rig.run()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
