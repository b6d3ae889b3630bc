"""Rows 7 to 11, 61 and 62: nonces that are used, too high, missing, or used externally."""

from __future__ import annotations

from dataclasses import replace

from keepers.model.alarms import Alarm
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import POLICY, Rig
from tests.integration.faults.target import take
from tests.integration.support.faults import (
    NONCE_TOO_LOW,
    Forward,
    Outcome,
    answer,
    drop,
    drop_reply,
    error,
    result,
)
from tests.integration.support.upstream import SEND

RECEIPT = "eth_getTransactionReceipt"
LOOK = "eth_getTransactionByHash"


def executed(rig: Rig) -> list[str]:
    """Return the calldata of included transactions, oldest first."""
    return [each["input"] for each in included(rig)]


def test_fault_07_nonce_too_low_and_our_own_hash_is_mined__is_adopted(rig: Rig) -> None:
    rig.node.when(SEND, drop_reply, times=1)
    rig.node.when(LOOK, drop, times=1)
    intent_id = rig.sent()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])

    def mined_before_it_comes_again(forward: Forward) -> Outcome:
        rig.chain.mine()
        return forward()

    rig.node.when(SEND, mined_before_it_comes_again, times=1)
    rig.run()
    assert rig.node.calls[-1].method == LOOK  # the node's own "nonce too low" was not believed
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    rig.run()
    assert rig.states(intent_id) == ("INCLUDED", [["INCLUDED"]])
    rig.mine(3)
    assert rig.intent(intent_id).state == "FINAL"
    assert executed(rig) == [take(1)]


def test_fault_08_nonce_consumed_by_a_stranger__intent_is_decided_anew(rig: Rig) -> None:
    def overtaken(forward: Forward) -> Outcome:
        rig.chain.submit(rig.stranger(0))
        rig.chain.mine()
        return forward()

    rig.node.when(SEND, overtaken, times=1)
    intent_id = rig.sent()
    asked = len(rig.auditor.asked)
    rig.mine(2)
    assert rig.intent(intent_id).state == "DISPLACED"
    assert Alarm.FOREIGN_NONCE in rig.raised
    assert len(rig.auditor.asked) == asked
    rig.mine(6)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED"], ["FINAL"]])
    assert [slot.nonce for slot in rig.intent(intent_id).slots] == [0, 1]
    assert [each.nonce for each in rig.auditor.asked[asked:]] == [1]
    assert executed(rig) == ["0x", take(1)]


def test_fault_08_stranger_and_the_call_would_now_revert__is_not_sent_again(rig: Rig) -> None:
    intent_id = rig.submit()
    rig.node.when(SEND, drop)
    rig.run()
    rig.chain.submit(rig.stranger(0))
    rig.switch(on=True)
    rig.node.heal()
    rig.mine(8)
    assert rig.states(intent_id) == ("FAILED", [["DROPPED"]])
    assert executed(rig) == ["0x"]


def test_fault_09_nonce_is_used_and_receipts_are_late__are_waited_for(rig: Rig) -> None:
    intent_id = rig.sent()
    hidden = rig.node.when(RECEIPT, result(None))
    rig.node.when(SEND, answer(NONCE_TOO_LOW))
    rig.mine(8)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert Alarm.FOREIGN_NONCE not in rig.raised
    rig.node.remove(hidden)
    rig.run(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert len(set(rig.node.sent)) == 1


def test_fault_09_one_node_has_no_receipts_yet__two_are_enough(three: Rig) -> None:
    three.nodes[0].when(RECEIPT, result(None))
    intent_id = three.sent()
    three.mine(4)
    assert three.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_10_nonce_too_low_after_it_was_unmined__waiting_begins_anew(
    rig_of: RigOf,
) -> None:
    rig = rig_of(policy=replace(POLICY, bump_after_blocks=50))
    intent_id = rig.sent()
    raw = rig.node.sent[0]
    rig.node.when(RECEIPT, result(None))
    rig.node.when(LOOK, result(None))
    rig.node.when("eth_getBlockByNumber", error(-32000, "pruned"), matching=lambda p: p[1])
    rig.mine(4)  # our nonce is used, and no transaction of ours is seen, at two heads so far
    assert rig.intent(intent_id).state == "BROADCAST"
    rig.node.when(SEND, answer(NONCE_TOO_LOW))
    rig.chain.reorg(4)
    rig.run()
    rig.chain.mine_raw(raw)
    rig.mine(3)  # two more heads, after the nonce was unused again
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    rig.node.heal()
    rig.run(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert executed(rig) == [take(1)]


def test_fault_11_nonce_too_high__is_told_after_three_times_and_sent_again(rig: Rig) -> None:
    rig.node.when(SEND, error(-32000, "nonce too high: next nonce 0, tx nonce 7"), times=3)
    intent_id = rig.submit()
    rig.run(2)
    assert Alarm.NONCE_GAP not in rig.raised
    rig.run()
    assert Alarm.NONCE_GAP in rig.raised
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.node.sent)) == 1


def test_fault_61_nonce_is_missing_below_ours__is_filled_with_nothing(rig: Rig) -> None:
    first = rig.sent()
    rig.mine(4)
    rig.chain.submit(rig.stranger(1))
    rig.chain.mine()
    rig.run()
    second = rig.submit()
    rig.run()
    assert rig.slot(second).nonce == 2
    rig.chain.reorg(1)  # removes the stranger's transaction, so that nonce 1 is unused
    rig.run()
    assert Alarm.NONCE_GAP not in rig.raised
    rig.mine(8)
    assert Alarm.NONCE_GAP in rig.raised
    assert [rig.intent(each).state for each in (first, second)] == ["FINAL", "FINAL"]
    found = included(rig)
    assert [(each["to"], each["value"]) for each in found[1:2]] == [(rig.sender.lower(), "0x0")]
    assert [int(each["nonce"], 16) for each in found] == [0, 1, 2]


def test_fault_62_key_is_used_elsewhere__nonces_are_noted_and_jumped_over(rig: Rig) -> None:
    first = rig.sent()
    rig.mine(4)
    for nonce in (1, 2):
        rig.chain.submit(rig.stranger(nonce))
    rig.chain.mine()
    rig.run()
    assert Alarm.FOREIGN_NONCE in rig.raised
    second = rig.sent()
    assert rig.slot(second).nonce == 3
    rig.mine(4)
    assert [rig.intent(each).state for each in (first, second)] == ["FINAL", "FINAL"]


def test_fault_62_key_is_used_elsewhere_and_it_waits__nothing_new_is_sent(rig: Rig) -> None:
    rig.chain.submit(rig.stranger(0))
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("QUEUED", [])
    assert Alarm.FOREIGN_PENDING in rig.raised
    assert not rig.node.sent
    rig.mine(5)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])
    assert rig.slot(intent_id).nonce == 1
