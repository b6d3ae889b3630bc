"""Rows 25 to 33: pools that drop transactions, and blocks that vanish, change or do not come."""

from __future__ import annotations

from keepers.model.alarms import CRITICAL, Alarm
from tests.integration.faults.conftest import RigOf
from tests.integration.faults.oracle import included
from tests.integration.faults.rig import Rig
from tests.integration.faults.target import REFUSAL, take
from tests.integration.support.faults import with_fields

RECEIPT = "eth_getTransactionReceipt"


def test_fault_25_dropped_from_the_pool__same_bytes_again_and_then_a_bump(rig: Rig) -> None:
    intent_id = rig.sent()
    (first,) = rig.chain.pool()
    rig.chain.drop(first)
    rig.stuck()
    assert rig.chain.pool() == (first,)
    assert len(set(rig.node.sent)) == 1
    rig.chain.drop(first)
    rig.stuck(2)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "BROADCAST"]])
    assert len(set(rig.node.sent)) == 2
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"


def test_fault_26_node_restarts_with_an_empty_pool__all_is_sent_again_in_order(
    own_rig: Rig,
) -> None:
    rig = own_rig
    ids = [rig.submit() for _ in range(4)]
    rig.run()
    before = rig.node.sent
    rig.chain.restart()
    rig.run(2)
    rig.chain.mine_empty()
    rig.run()
    assert rig.node.sent[len(before) :] == before
    rig.mine(4)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}
    assert [each["input"] for each in included(rig)] == [take(each) for each in range(1, 5)]


def test_fault_27_reorg_and_it_waits_in_the_pool_again__no_new_attempt(rig: Rig) -> None:
    intent_id = rig.sent()
    raw = rig.node.sent[0]
    rig.mine()
    assert (rig.intent(intent_id).state, rig.step(intent_id)[0]) == ("INCLUDED", "DONE")
    rig.chain.reorg(1)
    rig.chain.submit(raw)
    rig.run(2)
    assert (rig.intent(intent_id).state, rig.step(intent_id)[0]) == ("BROADCAST", "ACTIVE")
    assert Alarm.REORGANISED in rig.raised
    assert rig.node.sent == (raw,)
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_28_reorg_and_it_is_nowhere__receipt_is_forgotten_and_it_is_sent_again(
    rig: Rig,
) -> None:
    intent_id = rig.sent()
    raw = rig.node.sent[0]
    rig.mine(2)
    assert rig.intent(intent_id).state == "SAFE"
    rig.chain.reorg(2)
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert rig.intent(intent_id).inclusion is None
    assert rig.node.sent == (raw, raw)
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_28_reorg_after_a_bump__the_one_that_pays_most_is_sent_again(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.stuck(3)
    old, bump = rig.node.sent
    rig.chain.mine_raw(old)
    rig.run()
    assert rig.states(intent_id)[1] == [["INCLUDED", "REPLACED"]]
    rig.chain.reorg(1)
    rig.chain.rpc("anvil_dropAllTransactions")
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST", "BROADCAST"]])
    assert rig.node.sent[2:] == (bump,)
    rig.mine(4)
    assert rig.states(intent_id) == ("FINAL", [["DROPPED", "FINAL"]])


def test_fault_29_reorg_turns_success_into_revert__the_newest_receipt_counts(rig: Rig) -> None:
    intent_id = rig.sent()
    raw = rig.node.sent[0]
    rig.mine()
    rig.run(2)
    assert rig.step(intent_id) == ("DONE", None)
    rig.chain.reorg(2, [(rig.switching(on=True), 0), (raw, 1)])
    rig.run()
    assert rig.intent(intent_id).state == "INCLUDED"
    state, reason = rig.step(intent_id)
    assert state == "FAILED"
    assert REFUSAL in (reason or "")
    assert Alarm.REORGANISED in rig.raised
    included_events = [facts for name, facts in rig.telemetry.events if name == "included"]
    assert [facts["succeeded"] for facts in included_events] == [True, False]
    rig.mine(3)
    assert rig.intent(intent_id).state == "REVERTED"


def test_fault_30_revert_is_reorganised_into_success__is_no_end_before_finality(rig: Rig) -> None:
    intent_id = rig.sent()
    raw = rig.node.sent[0]
    switched = rig.switching(on=True)
    rig.chain.rpc("anvil_dropAllTransactions")
    rig.chain.submit(switched)
    rig.chain.submit(raw)
    rig.chain.mine()
    rig.run(3)
    assert (rig.intent(intent_id).state, rig.step(intent_id)[0]) == ("INCLUDED", "FAILED")
    rig.chain.reorg(1, [(raw, 0)])
    rig.run()
    assert rig.step(intent_id) == ("DONE", None)
    rig.mine(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_31_receipt_of_a_block_that_is_not_in_the_chain__does_not_count(rig: Rig) -> None:
    intent_id = rig.sent()
    false = rig.node.when(RECEIPT, with_fields(blockHash="0x" + "11" * 32))
    rig.mine(5)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    rig.node.remove(false)
    rig.run(3)
    assert rig.states(intent_id) == ("FINAL", [["FINAL"]])


def test_fault_32_final_block_is_another_one__nothing_goes_on(rig: Rig) -> None:
    intent_id = rig.sent()
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"
    rig.keeps_finality = False
    rig.chain.reorg(4)
    other = rig.submit()
    rig.run(2)
    rig.resume()
    rig.run(2)
    assert rig.states(other) == ("QUEUED", [])
    assert Alarm.FINALITY_BROKEN in rig.raised & CRITICAL
    assert len(rig.node.sent) == 1


def test_fault_32_node_lies_about_a_final_block__goes_on_once_a_person_has_looked(
    rig: Rig,
) -> None:
    intent_id = rig.sent()
    rig.mine(4)
    seen = rig.intent(intent_id).inclusion
    assert seen is not None
    rig.node.when(
        "eth_getBlockByNumber",
        with_fields(hash="0x" + "22" * 32),
        matching=lambda params: params[0] == hex(seen.block_number),
    )
    other = rig.submit()
    rig.run(2)
    assert Alarm.FINALITY_BROKEN in rig.raised
    rig.node.heal()
    rig.run(2)
    assert rig.states(other) == ("QUEUED", [])
    assert Alarm.PAUSED in rig.raised
    rig.resume()
    rig.run()
    assert rig.states(other) == ("BROADCAST", [["BROADCAST"]])


def test_fault_33_no_blocks_for_ten_minutes__no_bump_and_it_is_told(rig_of: RigOf) -> None:
    rig = rig_of()
    intent_id = rig.sent()
    rig.clock.seconds += 599
    rig.run()
    assert Alarm.HEAD_STALLED not in rig.raised
    rig.clock.seconds += 1
    rig.run(5)
    assert Alarm.HEAD_STALLED in rig.raised
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(rig.node.sent) == 1
    rig.mine(4)
    assert rig.intent(intent_id).state == "FINAL"
