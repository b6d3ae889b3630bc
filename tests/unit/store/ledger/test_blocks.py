"""Tests of receipts, reorganisations and nonces that external transactions consume."""

import pytest

from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import (
    IllegalMoveError,
    UnknownRecordError,
)
from keepers.model.transaction_states import (
    AttemptKind,
    IntentState,
)
from keepers.store import attempts, inclusion, intents
from keepers.store.inclusion import finalise_foreign, retract_foreign
from tests.unit.store.ledger.samples import foreign, receipt
from tests.unit.store.ledger.story import Story


def test_reorg__reverted_then_succeeded__only_finality_decides(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.include(attempt_id, 1, succeeded=False)
    assert story.step_state() == "FAILED"
    story.do(lambda writing: inclusion.mark_safe(writing, intent_id, receipt(1).block_hash))
    story.unsettle(intent_id)
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["BROADCAST"])
    assert story.step_state() == "ACTIVE"
    story.include(attempt_id, 2)
    assert story.step_state() == "DONE"
    assert story.finalise(intent_id, 2) is IntentState.FINAL


def test_reorg__included_in_another_block_or_by_another_attempt__in_one_write(
    story: Story,
) -> None:
    intent_id, slot_id, first = story.broadcast()
    bump = story.store(slot_id, AttemptKind.BUMP)
    story.send(bump)
    story.include(first, 1)
    story.include(first, 1)
    story.include(first, 2)
    story.include(bump, 3, succeeded=False)
    assert story.states(intent_id) == ("INCLUDED", "OURS", ["REPLACED", "INCLUDED"])
    with pytest.raises(UnknownRecordError):
        story.finalise(intent_id, 2)
    assert story.finalise(intent_id, 3) is IntentState.REVERTED


def test_final__is_never_taken_back(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.include(attempt_id)
    story.finalise(intent_id)
    with pytest.raises(UnknownRecordError):
        story.unsettle(intent_id)
    with pytest.raises(IllegalMoveError):
        story.include(attempt_id, 2)
    with pytest.raises(IllegalMoveError):
        story.displace()


def test_foreign__final__intent_starts_afresh_with_another_nonce(story: Story) -> None:
    intent_id, slot_id, _ = story.broadcast()
    assert story.displace() == slot_id
    assert story.states(intent_id) == ("DISPLACED", "FOREIGN", ["REPLACED"])
    with pytest.raises(StoreRefusedError, match="tr_slot_attempts_slot"):
        story.store(slot_id, AttemptKind.BUMP)
    seen = foreign(7)
    story.do(lambda writing: finalise_foreign(writing, slot_id, seen.block_hash))
    assert story.states(intent_id) == ("QUEUED", "FOREIGN_FINAL", ["DROPPED"])
    story.do(lambda writing: intents.record_built(writing, intent_id, 21_000))
    story.do(lambda writing: intents.record_audited(writing, intent_id))
    _, nonce = story.do(lambda writing: attempts.reserve_nonce(writing, intent_id, 7))
    assert nonce == 8
    assert story.displace(nonce=7, block=2) == slot_id


@pytest.mark.parametrize("come_to", ["RESERVED", "SIGNED", "SEALED", "BROADCAST"])
def test_foreign__reorganised_away__everything_is_where_it_was(story: Story, come_to: str) -> None:
    intent_id, slot_id = story.numbered()
    if come_to != "RESERVED":
        attempt_id = story.store(slot_id)
        if come_to == "SEALED":
            story.seal(attempt_id)
        elif come_to == "BROADCAST":
            story.send(attempt_id)
    before = story.states(intent_id)
    story.displace(block=1)
    story.displace(block=1)
    story.displace(block=2)
    assert story.intent(intent_id).state is IntentState.DISPLACED
    story.do(lambda writing: retract_foreign(writing, slot_id))
    assert story.states(intent_id) == before


def test_foreign__nonce_that_nobody_held__is_not_given_out(story: Story) -> None:
    slot_id = story.displace(nonce=7)
    intent_id, _ = story.numbered(chain_nonce=7)
    assert story.intent(intent_id).slots[0].nonce == 8
    story.do(lambda writing: retract_foreign(writing, slot_id))
    other, _ = story.numbered(chain_nonce=7)
    assert story.intent(other).slots[0].nonce == 7
    story.displace(nonce=30)
    assert story.displace(nonce=30) != slot_id


def test_foreign__nonce_that_we_consumed__must_be_taken_back_first(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.include(attempt_id)
    with pytest.raises(IllegalMoveError):
        story.displace()
    story.unsettle(intent_id)
    story.displace()
    assert story.intent(intent_id).state is IntentState.DISPLACED


def test_retract__nonce_is_ours__is_refused(story: Story) -> None:
    intent_id, slot_id, attempt_id = story.broadcast()
    story.include(attempt_id)
    with pytest.raises(UnknownRecordError):
        story.do(lambda writing: retract_foreign(writing, slot_id))
    assert story.states(intent_id) == ("INCLUDED", "OURS", ["INCLUDED"])
    assert story.step_state() == "DONE"
