"""Reorganisations, drops and finality."""

import pytest

from keepers.model.transactions.alarms import Alarm
from tests.unit.transactions.bureau import Bureau


def step(bureau: Bureau, intent_id: int) -> str:
    return bureau.context.store.step(bureau.intent(intent_id).intent.step_id).state


def test_dropped__from_the_pool__the_same_bytes_are_sent_again(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.chain.pool.clear()
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "FINAL"
    assert len(set(bureau.nodes.sent)) == 1


def test_dropped__all_of_them__are_sent_again_in_order(bureau: Bureau) -> None:
    ids = [bureau.submit() for _ in range(4)]
    bureau.run()
    first = list(bureau.nodes.sent)
    bureau.chain.pool.clear()
    bureau.chain.mine()
    bureau.run()
    assert bureau.nodes.sent[4:] == first
    bureau.mine(6)
    assert {bureau.intent(each).state for each in ids} == {"FINAL"}


@pytest.mark.parametrize("returned", [False, True])
def test_reorganised__is_taken_back_and_included_again(bureau: Bureau, returned: bool) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.mine()
    assert (bureau.intent(intent_id).state, step(bureau, intent_id)) == ("INCLUDED", "DONE")
    bureau.chain.reorganise(1, returned=returned)
    bureau.run()
    assert (bureau.intent(intent_id).state, step(bureau, intent_id)) == ("BROADCAST", "ACTIVE")
    assert Alarm.REORGANISED in bureau.raised
    bureau.mine(5)
    assert (bureau.intent(intent_id).state, step(bureau, intent_id)) == ("FINAL", "DONE")
    assert bureau.states(intent_id)[1] == [["FINAL"]]


@pytest.mark.parametrize("first", [True, False])
def test_reorganised__into_another_outcome__the_newest_counts(bureau: Bureau, first: bool) -> None:
    bureau.chain.reverts = lambda _: first
    intent_id = bureau.submit()
    bureau.run()
    raw = bureau.nodes.sent[0]
    bureau.mine()
    assert step(bureau, intent_id) == ("FAILED" if first else "DONE")
    bureau.chain.reorganise(1, length=0)
    bureau.chain.reverts = lambda _: not first
    bureau.chain.mine()
    bureau.chain.include(raw)
    bureau.run()
    assert step(bureau, intent_id) == ("DONE" if first else "FAILED")
    bureau.mine(5)
    assert bureau.intent(intent_id).state == ("FINAL" if first else "REVERTED")


def test_final_block__is_another_one_now__pauses_the_sender(bureau: Bureau) -> None:
    intent_id = bureau.submit()
    bureau.run()
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "FINAL"
    bureau.chain.reorganise(7)
    other = bureau.submit()
    bureau.run(2)
    assert bureau.intent(other).state == "QUEUED"
    assert Alarm.FINALITY_BROKEN in bureau.raised
    assert len(bureau.nodes.sent) == 1


def test_no_tags__depth_decides(bureau: Bureau) -> None:
    bureau.nodes.safe_depth = bureau.nodes.final_depth = None
    bureau.restart(finality_blocks=3)
    intent_id = bureau.submit()
    bureau.run()
    bureau.mine(3)
    assert bureau.intent(intent_id).state == "SAFE"
    bureau.mine()
    assert bureau.intent(intent_id).state == "FINAL"


def test_reverted__is_said_with_its_reason(bureau: Bureau) -> None:
    bureau.chain.reverts = lambda _: True
    intent_id = bureau.submit()
    bureau.run()
    bureau.mine(6)
    assert bureau.intent(intent_id).state == "REVERTED"
    found = bureau.context.store.step(bureau.intent(intent_id).intent.step_id)
    assert found.reason == "Refused()"


def test_unarmed__nothing_is_sent_and_receipts_are_followed(bureau: Bureau) -> None:
    first = bureau.submit()
    bureau.run()
    bureau.armed = False
    bureau.restart()
    second = bureau.submit()
    bureau.mine(6)
    assert bureau.intent(first).state == "FINAL"
    assert bureau.intent(second).state == "QUEUED"
