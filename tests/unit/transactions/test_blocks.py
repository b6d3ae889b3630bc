"""Tests of reorganisations, drops and finality."""

import pytest

from keepers.model.alarms import Alarm
from tests.unit.transactions.paper_engine import EngineOnPaper


def step(rig: EngineOnPaper, intent_id: int) -> str:
    return rig.context.store.step(rig.intent(intent_id).intent.step_id).state


def test_dropped__from_the_pool__the_same_bytes_are_sent_again(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.chain.pool.clear()
    rig.mine(6)
    assert rig.intent(intent_id).state == "FINAL"
    assert len(set(rig.nodes.sent)) == 1


def test_dropped__all_of_them__are_sent_again_in_order(rig: EngineOnPaper) -> None:
    ids = [rig.submit() for _ in range(4)]
    rig.run()
    first = list(rig.nodes.sent)
    rig.chain.pool.clear()
    rig.chain.mine()
    rig.run()
    assert rig.nodes.sent[4:] == first
    rig.mine(6)
    assert {rig.intent(each).state for each in ids} == {"FINAL"}


@pytest.mark.parametrize("returned", [False, True])
def test_reorganised__is_taken_back_and_included_again(rig: EngineOnPaper, returned: bool) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.mine()
    assert (rig.intent(intent_id).state, step(rig, intent_id)) == ("INCLUDED", "DONE")
    rig.chain.reorganise(1, returned=returned)
    rig.run()
    assert (rig.intent(intent_id).state, step(rig, intent_id)) == ("BROADCAST", "ACTIVE")
    assert Alarm.REORGANISED in rig.raised
    rig.mine(5)
    assert (rig.intent(intent_id).state, step(rig, intent_id)) == ("FINAL", "DONE")
    assert rig.states(intent_id)[1] == [["FINAL"]]


@pytest.mark.parametrize("first", [True, False])
def test_reorganised__into_another_outcome__the_newest_counts(
    rig: EngineOnPaper, first: bool
) -> None:
    rig.chain.reverts = lambda _: first
    intent_id = rig.submit()
    rig.run()
    raw = rig.nodes.sent[0]
    rig.mine()
    assert step(rig, intent_id) == ("FAILED" if first else "DONE")
    rig.chain.reorganise(1, length=0)
    rig.chain.reverts = lambda _: not first
    rig.chain.mine()
    rig.chain.include(raw)
    rig.run()
    assert step(rig, intent_id) == ("DONE" if first else "FAILED")
    rig.mine(5)
    assert rig.intent(intent_id).state == ("FINAL" if first else "REVERTED")


def test_final_block__is_another_one_now__pauses_the_sender(rig: EngineOnPaper) -> None:
    intent_id = rig.submit()
    rig.run()
    rig.mine(6)
    assert rig.intent(intent_id).state == "FINAL"
    rig.chain.reorganise(7)
    other = rig.submit()
    rig.run(2)
    assert rig.intent(other).state == "QUEUED"
    assert Alarm.FINALITY_BROKEN in rig.raised
    assert len(rig.nodes.sent) == 1


def test_no_tags__depth_decides(rig: EngineOnPaper) -> None:
    rig.nodes.safe_depth = rig.nodes.final_depth = None
    rig.restart(finality_blocks=3)
    intent_id = rig.submit()
    rig.run()
    rig.mine(3)
    assert rig.intent(intent_id).state == "SAFE"
    rig.mine()
    assert rig.intent(intent_id).state == "FINAL"


def test_reverted__is_said_with_its_reason(rig: EngineOnPaper) -> None:
    rig.chain.reverts = lambda _: True
    intent_id = rig.submit()
    rig.run()
    rig.mine(6)
    assert rig.intent(intent_id).state == "REVERTED"
    found = rig.context.store.step(rig.intent(intent_id).intent.step_id)
    assert found.reason == "Refused()"


def test_unarmed__nothing_is_sent_and_receipts_are_followed(rig: EngineOnPaper) -> None:
    first = rig.submit()
    rig.run()
    rig.armed = False
    rig.restart()
    second = rig.submit()
    rig.mine(6)
    assert rig.intent(first).state == "FINAL"
    assert rig.intent(second).state == "QUEUED"
