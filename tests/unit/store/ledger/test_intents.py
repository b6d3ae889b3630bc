"""Tests of intents from submission to their end."""

from dataclasses import replace

import pytest

from keepers.model.errors.transaction import (
    IllegalMoveError,
    KeyReusedError,
    WrongLeaseError,
)
from keepers.model.run import RunStatus
from keepers.model.transaction_states import (
    Hold,
    IntentState,
)
from keepers.store import attempts, inclusion, intents, run_writes
from keepers.store.transaction_queries import live_intents
from tests.unit.store.ledger.samples import INTENT, SENDER, receipt, signed
from tests.unit.store.ledger.story import Story


def test_intent__from_queue_to_finality__passes_the_six_steps(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    attempt_id = story.store(slot_id)
    assert story.states(intent_id) == ("SIGNED", "IN_USE", ["SIGNED"])
    story.seal(attempt_id)
    assert story.states(intent_id) == ("SEALED", "IN_USE", ["SEALED"])
    story.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST"])
    story.include(attempt_id)
    assert story.states(intent_id) == ("INCLUDED", "OURS", ["INCLUDED"])
    assert story.step_state() == "DONE"
    story.do(lambda writing: inclusion.mark_safe(writing, intent_id, receipt().block_hash))
    assert story.intent(intent_id).state is IntentState.SAFE
    assert story.finalise(intent_id) is IntentState.FINAL
    assert story.states(intent_id) == ("FINAL", "OURS_FINAL", ["FINAL"])
    record = story.intent(intent_id)
    assert record.slots[0].attempts[0].inclusion == receipt()
    assert record.slots[0].attempts[0].signed == signed(1)
    story.do(lambda writing: run_writes.close_run(writing, "t1", RunStatus.DONE, None))


def test_submit__same_again__answers_the_same_and_another_call_is_refused(story: Story) -> None:
    intent_id = story.submit(key="k")
    same = replace(INTENT, idempotency_key="k")
    assert story.do(lambda writing: intents.submit_intent(writing, same)) == intent_id
    for change in ({"calldata": "0x00"}, {"value": 1}, {"target": SENDER}):
        other = replace(same, **change)
        with pytest.raises(KeyReusedError):
            story.do(lambda writing, other=other: intents.submit_intent(writing, other))


def test_submit__step_has_a_live_intent__is_refused(story: Story) -> None:
    step_id = story.step()
    story.submit(step_id, "a")
    with pytest.raises(IllegalMoveError):
        story.submit(step_id, "b")


def test_submit__step_has_failed__may_be_tried_again(story: Story) -> None:
    step_id = story.step()
    first = story.submit(step_id, "a")
    story.do(lambda writing: intents.reject_intent(writing, first, "simulation reverts: Paused()"))
    assert story.intent(first).reason == "simulation reverts: Paused()"
    second = story.intent(story.submit(step_id, "b"))
    assert (second.attempt_of_step, second.state) == (1, IntentState.QUEUED)


def test_sender__in_any_case__is_one(story: Story) -> None:
    other = replace(INTENT, step_id=story.step(), sender=SENDER.upper().replace("X", "x"))
    intent_id = story.do(lambda writing: intents.submit_intent(writing, other))
    found = story.ledger.read(lambda connection: live_intents(connection, 1, SENDER.upper()))
    assert [each.intent_id for each in found] == [intent_id]


def test_reserve__lowest_free_nonce__gaps_first(story: Story) -> None:
    first, _ = story.numbered()
    second, _ = story.numbered()
    assert [story.intent(each).slots[0].nonce for each in (first, second)] == [7, 8]
    story.do(lambda writing: intents.block_intent(writing, first, Hold.FUNDS, "no funds"))
    assert story.states(first) == ("BLOCKED", "VOID", [])
    third, _ = story.numbered()
    assert story.intent(third).slots[0].nonce == 7
    fourth, _ = story.numbered(chain_nonce=20)
    assert story.intent(fourth).slots[0].nonce == 20


def test_block__with_a_nonce__gives_it_back_and_begins_anew(story: Story) -> None:
    numbered, _ = story.numbered()
    story.do(lambda writing: intents.block_intent(writing, numbered, Hold.FUNDS, "no funds"))
    story.do(lambda writing: intents.unblock_intent(writing, numbered))
    assert story.states(numbered) == ("QUEUED", "VOID", [])
    story.do(lambda writing: intents.withdraw_intent(writing, numbered, "not wanted"))
    assert story.intent(numbered).state is IntentState.CANCELLED


def test_wrong_lease__or_none__writes_nothing(story: Story) -> None:
    intent_id, slot_id, attempt_id = story.broadcast()
    other = story.acquire("sender:1:0x00")
    for lease in (other, None):
        with pytest.raises(WrongLeaseError):
            story.ledger.transact(
                "test", lambda writing: attempts.record_broadcast(writing, attempt_id, 1), lease
            )
        with pytest.raises(WrongLeaseError):
            story.ledger.transact(
                "test",
                lambda writing: inclusion.record_inclusion(writing, attempt_id, receipt()),
                lease,
            )
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST"])
    assert slot_id == 1
