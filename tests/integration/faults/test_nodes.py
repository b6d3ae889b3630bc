"""Rows 34 to 37: nodes of another chain, far behind, with other data, without tags."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeRole, NodeState
from keepers.model.errors.chain import WrongChainError
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.rig import POLICY, Rig
from tests.integration.support.faults import error, result, with_fields

CHAIN_ID = "eth_chainId"
RECEIPT = "eth_getTransactionReceipt"
TAGS = {"safe", "finalized"}


def is_tag(params: list[Any]) -> bool:
    return params[0] in TAGS


def test_fault_34_one_node_is_of_another_chain__is_left_out(three: Rig) -> None:
    three.nodes[0].when(CHAIN_ID, result("0x1"))
    intent_id = three.sent()
    three.mine(4)
    assert three.intent(intent_id).state == "FINAL"
    assert three.pool.health()[0].state is NodeState.WRONG_CHAIN
    assert {call.method for call in three.nodes[0].calls} == {CHAIN_ID}


def test_fault_34_only_node_is_of_another_chain__nothing_is_done(rig: Rig) -> None:
    wrong = rig.node.when(CHAIN_ID, result("0x1"))
    with pytest.raises(WrongChainError):
        rig.submit()
    assert rig.run() is None
    assert Alarm.NODES_UNAVAILABLE in rig.raised
    assert not rig.node.sent
    rig.node.remove(wrong)
    intent_id = rig.submit()
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"


def test_fault_35_one_node_is_50_blocks_behind__its_nonce_is_not_believed(three: Rig) -> None:
    first = three.sent()
    three.mine(4)
    three.nodes[0].lag_at(three.first_block)
    three.chain.mine(50)
    view = three.run()
    assert view is not None
    assert (view.head.number, view.nonce) == (three.chain.head, 1)
    second = three.sent()
    assert three.slot(second).nonce == 1
    assert three.pool.health()[0].state is NodeState.BEHIND
    three.mine(4)
    assert [three.intent(each).state for each in (first, second)] == ["FINAL", "FINAL"]


def test_fault_35_the_good_node_of_two_is_away__the_nonce_does_not_go_back(rig_of: RigOf) -> None:
    rig = rig_of(roles=(NodeRole.READER,) * 2)
    first = rig.sent()
    rig.mine(4)
    rig.nodes[0].lag_at(rig.first_block)
    rig.chain.mine(50)
    rig.run()
    rules = [rig.nodes[1].when(each, error(-32603, "busy")) for each in ("eth_getBlockByNumber",)]
    second = rig.submit()
    assert rig.run() is None
    assert rig.states(second) == ("QUEUED", [])
    for rule in rules:
        rig.nodes[1].remove(rule)
    rig.clock.seconds += 60
    rig.mine(5)
    assert rig.slot(second).nonce == 1
    assert [rig.intent(each).state for each in (first, second)] == ["FINAL", "FINAL"]


def test_fault_36_one_of_three_has_another_receipt__two_are_believed(three: Rig) -> None:
    three.nodes[2].when(RECEIPT, with_fields(status="0x0", logs=[]))
    intent_id = three.sent()
    three.mine(4)
    assert three.states(intent_id) == ("FINAL", [["FINAL"]])
    assert three.step(intent_id) == ("DONE", None)


def test_fault_36_no_two_have_the_same_receipt__none_counts(three: Rig) -> None:
    three.nodes[1].when(RECEIPT, with_fields(gasUsed="0x5208"))
    three.nodes[2].when(RECEIPT, with_fields(status="0x0", logs=[]))
    intent_id = three.sent()
    three.mine(6)
    assert three.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    for node in three.nodes:
        node.heal()
    three.run(3)
    assert three.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_37_no_tags__depth_decides(rig_of: RigOf) -> None:
    rig = rig_of(policy=replace(POLICY, finality_blocks=4))
    text = "'finalized' tag not supported on pre-merge network"
    rig.node.when("eth_getBlockByNumber", error(-39001, text), matching=is_tag)
    intent_id = rig.sent()
    rig.mine(4)
    assert rig.intent(intent_id).state == "SAFE"
    rig.mine()
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
