"""Behaviour of the engine when nodes fail, refuse, or do not respond."""

import itertools

import pytest

from keepers.model.alarms import Alarm
from keepers.model.chain import NodeErrorKind
from tests.unit.transactions.paper_chain import GWEI
from tests.unit.transactions.paper_engine import EngineOnPaper
from tests.unit.transactions.paper_nodes import refused, unheard


def attempts(rig: EngineOnPaper, intent_id: int) -> int:
    return sum(len(slot.attempts) for slot in rig.intent(intent_id).slots)


@pytest.mark.parametrize("kind", [NodeErrorKind.TRANSPORT, NodeErrorKind.UNKNOWN])
def test_unheard_before_the_node__same_bytes_are_sent_again(
    rig: EngineOnPaper, kind: NodeErrorKind
) -> None:
    rig.nodes.faults.append(refused(kind))
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.SEND_UNKNOWN in rig.raised
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert len(set(rig.nodes.sent)) == 1
    rig.mine(5)
    assert rig.executed() == ["0x00000001"]


def test_unheard_after_the_node__counts_as_sent(rig: EngineOnPaper) -> None:
    rig.nodes.faults.append(unheard())
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


def test_unheard_and_no_word_of_the_pool__is_resolved_by_already_known(
    rig: EngineOnPaper,
) -> None:
    rig.nodes.faults.append(unheard())
    rig.nodes.down = {"knows"}
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    rig.run()
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])
    assert attempts(rig, intent_id) == 1


def test_underpriced_twice__third_attempt_is_taken(rig: EngineOnPaper) -> None:
    rig.nodes.faults.extend([refused(NodeErrorKind.FEE_TOO_LOW)] * 2)
    intent_id = rig.submit()
    rig.run(3)
    assert rig.states(intent_id) == ("BROADCAST", [["REFUSED", "REFUSED", "BROADCAST"]])
    fees = [each.signed.fees for each in rig.intent(intent_id).slots[0].attempts]
    for before, after in itertools.pairwise(fees):
        assert after.maximum * 10 >= before.maximum * 11
        assert after.priority * 10 >= before.priority * 11


def test_underpriced_at_the_limit__bytes_stay_and_somebody_hears(rig: EngineOnPaper) -> None:
    rig.chain.base_fee = 95 * GWEI
    rig.nodes.faults.extend([refused(NodeErrorKind.FEE_TOO_LOW)] * 3)
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("SEALED", [["SEALED"]])
    assert Alarm.FEE_CAP in rig.raised
    rig.run(2)
    assert rig.states(intent_id) == ("BROADCAST", [["BROADCAST"]])


def test_no_funds__nothing_is_numbered_until_coins_come(rig: EngineOnPaper) -> None:
    rig.chain.balance = 10
    ids = [rig.submit() for _ in range(5)]
    rig.run(3)
    assert [rig.intent(each).state for each in ids] == ["BLOCKED", *["QUEUED"] * 4]
    assert all(not rig.intent(each).slots for each in ids)
    assert Alarm.FUNDS in rig.raised
    rig.chain.balance = 10**20
    rig.run()
    assert {rig.intent(each).state for each in ids} == {"BROADCAST"}
    rig.mine(5)
    assert len(rig.executed()) == 5


def test_no_funds__gas_is_cheaper_again__goes_on(rig: EngineOnPaper) -> None:
    rig.chain.balance = 10**16
    rig.chain.base_fee = 90 * GWEI
    intent_id = rig.submit()
    rig.run(2)
    assert rig.intent(intent_id).state == "BLOCKED"
    rig.chain.base_fee = GWEI
    rig.chain.mine()
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"


def test_hopeless_bytes__nonce_goes_to_a_cancellation(rig: EngineOnPaper) -> None:
    rig.nodes.faults.append(refused(NodeErrorKind.GAS_LIMIT))
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("BROADCAST", [["REFUSED", "BROADCAST"]])
    rig.mine(5)
    assert rig.intent(intent_id).state == "CANCELLED"
    step = rig.context.store.step(rig.intent(intent_id).intent.step_id)
    assert "no node accepts it" in (step.reason or "")
    assert rig.executed() == []


def test_more_gas_than_a_block_has__is_rejected_without_a_nonce(rig: EngineOnPaper) -> None:
    rig.nodes.gas = 40_000_000
    intent_id = rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("FAILED", [])


def test_account_reserved_for_others__pauses_the_sender(rig: EngineOnPaper) -> None:
    rig.nodes.faults.append(refused(NodeErrorKind.RESERVED))
    rig.submit()
    rig.run(4)
    assert len(rig.nodes.sent) == 1
    assert {Alarm.NONCE_RESERVED, Alarm.PAUSED} <= rig.raised


@pytest.mark.parametrize("down", ["estimate", "simulate", "market"])
def test_no_answer_before_signing__nothing_is_reserved(rig: EngineOnPaper, down: str) -> None:
    rig.nodes.down = {down}
    intent_id = rig.submit()
    rig.run(2)
    assert rig.states(intent_id) == ("QUEUED", [])
    assert not rig.nodes.sent
    rig.nodes.down = set()
    rig.run()
    assert rig.intent(intent_id).state == "BROADCAST"


def test_simulation_reverts__is_rejected_with_the_reason(rig: EngineOnPaper) -> None:
    rig.nodes.reverting = {"0x00000001"}
    intent_id, other = rig.submit(), rig.submit()
    rig.run()
    assert rig.states(intent_id) == ("FAILED", [])
    assert "Refused()" in (rig.intent(intent_id).reason or "")
    assert rig.intent(other).slots[0].nonce == 0


def test_nodes_are_away__nothing_happens_and_somebody_hears(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.nodes.down = {"all"}
    assert rig.run() is None
    assert rig.intent(intent_id).state == "QUEUED"
    assert rig.raised == {Alarm.NODES_UNAVAILABLE}


def test_chain_stands_still__no_bump_and_somebody_hears(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.clock.seconds += 599
    rig.run()
    assert Alarm.HEAD_STALLED not in rig.raised
    rig.clock.seconds += 1
    rig.run(5)
    assert Alarm.HEAD_STALLED in rig.raised
    assert attempts(rig, intent_id) == 1
