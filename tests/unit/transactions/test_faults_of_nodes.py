"""What the engine does when nodes fail, refuse, or say nothing."""

import itertools

import pytest

from keepers.model.chain import NodeErrorKind
from keepers.model.transactions.alarms import Alarm
from tests.unit.transactions.bureau import Bureau
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_nodes import refused, unheard


def attempts(bureau: Bureau, intent_id: int) -> int:
    return sum(len(slot.attempts) for slot in bureau.intent(intent_id).slots)


@pytest.mark.parametrize("kind", [NodeErrorKind.TRANSPORT, NodeErrorKind.UNKNOWN])
def test_unheard_before_the_node__same_bytes_are_sent_again(
    bureau: Bureau, kind: NodeErrorKind
) -> None:
    bureau.nodes.faults.append(refused(kind))
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in bureau.raised
    bureau.run()
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(bureau.nodes.sent)) == 1
    bureau.mine(5)
    assert bureau.executed() == ["0x00000001"]


def test_unheard_after_the_node__counts_as_sent(bureau: Bureau) -> None:
    bureau.nodes.faults.append(unheard())
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


def test_unheard_and_no_word_of_the_pool__is_resolved_by_already_known(bureau: Bureau) -> None:
    bureau.nodes.faults.append(unheard())
    bureau.nodes.down = {"knows"}
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("SEALED", [["SEALED"]])
    bureau.run()
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert attempts(bureau, intent_id) == 1


def test_underpriced_twice__third_attempt_is_taken(bureau: Bureau) -> None:
    bureau.nodes.faults.extend([refused(NodeErrorKind.FEE_TOO_LOW)] * 2)
    intent_id = bureau.submit()
    bureau.run(3)
    assert bureau.states(intent_id) == ("BROADCAST", [["REFUSED", "REFUSED", "BROADCAST"]])
    fees = [each.signed.fees for each in bureau.intent(intent_id).slots[0].attempts]
    for before, after in itertools.pairwise(fees):
        assert after.maximum * 10 >= before.maximum * 11
        assert after.priority * 10 >= before.priority * 11


def test_underpriced_at_the_limit__bytes_stay_and_somebody_hears(bureau: Bureau) -> None:
    bureau.chain.base_fee = 95 * GWEI
    bureau.nodes.faults.extend([refused(NodeErrorKind.FEE_TOO_LOW)] * 3)
    intent_id = bureau.submit()
    bureau.run(2)
    assert bureau.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.FEE_CAP in bureau.raised
    bureau.run(2)
    assert bureau.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


def test_no_funds__nothing_is_numbered_until_coins_come(bureau: Bureau) -> None:
    bureau.chain.balance = 10
    ids = [bureau.submit() for _ in range(5)]
    bureau.run(3)
    assert [bureau.intent(each).state for each in ids] == ["BLOCKED", *["QUEUED"] * 4]
    assert all(not bureau.intent(each).slots for each in ids)
    assert Alarm.FUNDS in bureau.raised
    bureau.chain.balance = 10**20
    bureau.run()
    assert {bureau.intent(each).state for each in ids} == {"BROADCAST"}
    bureau.mine(5)
    assert len(bureau.executed()) == 5


def test_no_funds__gas_is_cheaper_again__goes_on(bureau: Bureau) -> None:
    bureau.chain.balance = 10**16
    bureau.chain.base_fee = 90 * GWEI
    intent_id = bureau.submit()
    bureau.run(2)
    assert bureau.intent(intent_id).state == "BLOCKED"
    bureau.chain.base_fee = GWEI
    bureau.chain.mine()
    bureau.run()
    assert bureau.intent(intent_id).state == "BROADCAST"


def test_hopeless_bytes__nonce_goes_to_a_cancellation(bureau: Bureau) -> None:
    bureau.nodes.faults.append(refused(NodeErrorKind.GAS_LIMIT))
    intent_id = bureau.submit()
    bureau.run(2)
    assert bureau.states(intent_id) == ("BROADCAST", [["REFUSED", "BROADCAST"]])
    bureau.mine(5)
    assert bureau.intent(intent_id).state == "CANCELLED"
    step = bureau.context.store.step(bureau.intent(intent_id).intent.step_id)
    assert "no node takes it" in (step.reason or "")
    assert bureau.executed() == []


def test_more_gas_than_a_block_has__is_rejected_without_a_nonce(bureau: Bureau) -> None:
    bureau.nodes.gas = 40_000_000
    intent_id = bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("FAILED", [])


def test_account_reserved_for_others__pauses_the_sender(bureau: Bureau) -> None:
    bureau.nodes.faults.append(refused(NodeErrorKind.RESERVED))
    bureau.submit()
    bureau.run(4)
    assert len(bureau.nodes.sent) == 1
    assert {Alarm.NONCE_RESERVED, Alarm.PAUSED} <= bureau.raised


@pytest.mark.parametrize("down", ["estimate", "simulate", "market"])
def test_no_answer_before_signing__nothing_is_reserved(bureau: Bureau, down: str) -> None:
    bureau.nodes.down = {down}
    intent_id = bureau.submit()
    bureau.run(2)
    assert bureau.states(intent_id) == ("QUEUED", [])
    assert not bureau.nodes.sent
    bureau.nodes.down = set()
    bureau.run()
    assert bureau.intent(intent_id).state == "BROADCAST"


def test_simulation_reverts__is_rejected_with_the_reason(bureau: Bureau) -> None:
    bureau.nodes.reverting = {"0x00000001"}
    intent_id, other = bureau.submit(), bureau.submit()
    bureau.run()
    assert bureau.states(intent_id) == ("FAILED", [])
    assert "Refused()" in (bureau.intent(intent_id).reason or "")
    assert bureau.intent(other).slots[0].nonce == 0


def test_nodes_are_away__nothing_happens_and_somebody_hears(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.nodes.down = {"all"}
    assert bureau.run() is None
    assert bureau.intent(intent_id).state == "QUEUED"
    assert bureau.raised == {Alarm.NODES_UNAVAILABLE}


def test_chain_stands_still__no_bump_and_somebody_hears(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.clock.seconds += 599
    bureau.run()
    assert Alarm.HEAD_STALLED not in bureau.raised
    bureau.clock.seconds += 1
    bureau.run(5)
    assert Alarm.HEAD_STALLED in bureau.raised
    assert attempts(bureau, intent_id) == 1
