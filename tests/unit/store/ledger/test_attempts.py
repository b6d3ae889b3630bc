"""Tests of signed bytes: which bytes a nonce accepts, and the order in which they are sent."""

from dataclasses import replace

import pytest

from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import (
    AttemptRefusedError,
    IllegalMoveError,
)
from keepers.model.transaction_states import (
    AttemptKind,
    Hold,
    IntentState,
)
from keepers.store import attempts, intents
from tests.unit.store.ledger.samples import GWEI, signed
from tests.unit.store.ledger.story import Story


def test_give_back__nonce_with_signed_bytes__is_refused(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    story.refuse(story.store(slot_id))
    assert story.states(intent_id) == ("NUMBERED", "IN_USE", ["REFUSED"])
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: intents.reject_intent(writing, intent_id, "why"))
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: intents.withdraw_intent(writing, intent_id, "why"))
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: intents.block_intent(writing, intent_id, Hold.FUNDS, "why"))


def test_refused_bytes__nonce_is_signed_anew__or_cancelled(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    story.refuse(story.store(slot_id))
    again = story.store(slot_id)
    story.seal(again)
    story.refuse(again)
    cancel = story.store(slot_id, AttemptKind.CANCEL)
    story.send(cancel)
    story.include(cancel)
    assert story.finalise(intent_id) is IntentState.CANCELLED
    assert story.states(intent_id)[2] == ["DROPPED", "DROPPED", "FINAL"]


def test_refused_bytes__mined_all_the_same__count(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    refused = story.store(slot_id)
    story.refuse(refused)
    other = story.store(slot_id)
    story.send(other)
    story.include(refused)
    assert story.states(intent_id) == ("INCLUDED", "OURS", ["INCLUDED", "REPLACED"])
    story.unsettle(intent_id)
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["REFUSED", "BROADCAST"])


def test_bump__old_attempt_is_mined__completes_with_it(story: Story) -> None:
    intent_id, slot_id, first = story.broadcast()
    story.send(story.store(slot_id, AttemptKind.BUMP))
    story.include(first)
    assert story.states(intent_id) == ("INCLUDED", "OURS", ["INCLUDED", "REPLACED"])
    assert story.finalise(intent_id) is IntentState.FINAL
    assert story.states(intent_id)[2] == ["FINAL", "DROPPED"]


def test_bump__stored_and_not_sent__is_found_after_a_crash(story: Story) -> None:
    intent_id, slot_id, _ = story.broadcast()
    bump = story.store(slot_id, AttemptKind.BUMP)
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST", "SIGNED"])
    # Its broadcast may have timed out: the receipt is found by the hash that was stored before.
    story.include(bump)
    assert story.states(intent_id)[2] == ["REPLACED", "INCLUDED"]
    story.unsettle(intent_id)
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST", "SIGNED"])


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"max_fee_per_gas": 100 * GWEI - 1}, "max_fee_per_gas is below"),
        ({"max_priority_fee_per_gas": 10 * GWEI - 1}, "max_priority_fee_per_gas is below"),
        ({"max_priority_fee_per_gas": 10**12}, "tip is above"),
        ({"kind": AttemptKind.ORIGINAL}, "a bump is required"),
    ],
)
def test_store__bytes_that_may_not_follow__are_refused(
    story: Story, change: dict[str, object], reason: str
) -> None:
    _, slot_id, _ = story.broadcast()
    new = replace(signed(2, AttemptKind.BUMP), **change)
    with pytest.raises(AttemptRefusedError, match=reason):
        story.do(lambda writing: attempts.store_attempt(writing, slot_id, new))


def test_store__second_while_first_is_unsent__first_bytes_win(story: Story) -> None:
    _, slot_id = story.numbered()
    with pytest.raises(AttemptRefusedError, match="nothing to bump"):
        story.store(slot_id, AttemptKind.BUMP)
    story.store(slot_id)
    with pytest.raises(AttemptRefusedError, match="not sent yet"):
        story.store(slot_id)


def test_store__nonce_is_consumed__is_refused_by_the_database(story: Story) -> None:
    _, slot_id, attempt_id = story.broadcast()
    story.include(attempt_id)
    with pytest.raises(StoreRefusedError, match="tr_slot_attempts_slot"):
        story.store(slot_id, AttemptKind.BUMP)


def test_cancel__original_is_mined_first__is_executed(story: Story) -> None:
    intent_id, slot_id, original = story.broadcast()
    story.send(story.store(slot_id, AttemptKind.CANCEL))
    with pytest.raises(AttemptRefusedError, match="being cancelled"):
        story.store(slot_id, AttemptKind.BUMP)
    story.include(original)
    assert story.step_state() == "DONE"
    assert story.finalise(intent_id) is IntentState.FINAL


def test_cancel__mined__fails_the_step(story: Story) -> None:
    intent_id, slot_id, _ = story.broadcast()
    cancel = story.store(slot_id, AttemptKind.CANCEL)
    story.send(cancel)
    story.include(cancel)
    assert story.step_state() == "FAILED"
    assert story.finalise(intent_id) is IntentState.CANCELLED


def test_broadcast__again__keeps_the_first_time(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST"])


def test_broadcast__not_sealed__is_refused(story: Story) -> None:
    _, slot_id = story.numbered()
    attempt_id = story.store(slot_id)
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 1))
