"""Data stored beside states: encrypted payloads, outcomes, pauses, requested actions."""

import pytest

from keepers.model.chain import Signed
from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import IllegalMoveError
from keepers.model.run import RunStatus
from keepers.model.transaction_records import EncryptedPayload, ReceiptVerdict, SignedBytes
from keepers.model.transaction_states import AttemptKind, Hold, RequestedAction, StepState
from keepers.store import attempts, inclusion, intents, run_writes
from keepers.store.pauses import pause, read_pauses, resume
from tests.unit.store.ledger.samples import GWEI, SENDER, receipt
from tests.unit.store.ledger.story import Story

BOX = EncryptedPayload(digest=b"\x01" * 32, ciphertext=b"\x02" * 90)
BOXED = SignedBytes(
    kind=AttemptKind.ORIGINAL,
    transaction_hash=None,
    raw=None,
    gas_limit=21_000,
    max_fee_per_gas=GWEI,
    max_priority_fee_per_gas=1,
    sealed=BOX,
)
OPENED = Signed("0x02aa", "0x" + "ab" * 32, SENDER)


def test_box__is_stored_opened_and_never_changed(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    attempt_id = story.do(lambda writing: attempts.store_attempt(writing, slot_id, BOXED))
    assert story.intent(intent_id).slots[0].attempts[0].signed == BOXED
    with pytest.raises(StoreRefusedError, match="ck_slot_attempts_opened"):
        story.seal(attempt_id)
    story.do(lambda writing: attempts.seal_attempt(writing, attempt_id, OPENED))
    kept = story.intent(intent_id).slots[0].attempts[0].signed
    assert (kept.raw, kept.transaction_hash, kept.sealed) == (
        "0x02aa",
        OPENED.transaction_hash,
        BOX,
    )


def test_box__that_the_validator_refuses__is_followed_by_another(story: Story) -> None:
    intent_id, slot_id = story.numbered()
    attempt_id = story.do(lambda writing: attempts.store_attempt(writing, slot_id, BOXED))
    story.refuse(attempt_id)
    story.send(story.store(slot_id))
    assert story.states(intent_id) == ("BROADCAST", "IN_USE", ["REFUSED", "BROADCAST"])


def test_broadcast__again__keeps_the_first_block(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.do(lambda writing: attempts.record_broadcast(writing, attempt_id, 9))
    assert story.intent(intent_id).slots[0].attempts[0].broadcast_block == 1


def include(
    story: Story, attempt_id: int, verdict: ReceiptVerdict, *, succeeded: bool = True
) -> None:
    seen = receipt(1, succeeded=succeeded)
    story.do(lambda writing: inclusion.record_inclusion(writing, attempt_id, seen, verdict))


def test_verdict__of_a_success__decides_over_the_step(story: Story) -> None:
    _, _, attempt_id = story.broadcast()
    include(
        story, attempt_id, ReceiptVerdict(done=False, reason="no event", outcome={"received": "0"})
    )
    view = story.ledger.read(lambda connection: run_writes.step_of(connection, 1))
    assert (view.state, view.reason) == (StepState.FAILED, "no event")
    assert view.outcome == {"received": "0"}


def test_verdict__of_a_revert__cannot_make_the_step_done(story: Story) -> None:
    _, _, attempt_id = story.broadcast()
    include(story, attempt_id, ReceiptVerdict(done=True), succeeded=False)
    assert story.step_state() == "FAILED"


def test_run__ended_before_finality__is_followed_through_reorganisations(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    include(story, attempt_id, ReceiptVerdict(done=True, outcome={"received": "5"}))
    story.do(lambda writing: run_writes.close_run(writing, "t1", RunStatus.DONE, None))
    story.unsettle(intent_id)
    view = story.ledger.read(lambda connection: run_writes.step_of(connection, 1))
    assert (view.state, view.outcome) == (StepState.ACTIVE, None)
    story.include(attempt_id, 2)
    assert story.step_state() == "DONE"
    assert story.finalise(intent_id, 2) == "FINAL"


def test_pause__twice_and_resume_twice__count_once(story: Story) -> None:
    answers = [
        story.ledger.transact("pause", lambda writing: pause(writing, "all", "incident", "ann"))
        for _ in range(2)
    ]
    assert answers == [True, False]
    (kept,) = story.ledger.read(read_pauses)
    assert (kept.scope, kept.reason, kept.paused_by) == ("all", "incident", "ann")
    answers = [
        story.ledger.transact("resume", lambda writing: resume(writing, "all", "bob"))
        for _ in range(2)
    ]
    assert answers == [True, False]
    assert story.ledger.read(read_pauses) == ()


def test_wish__without_a_lease__is_kept_until_it_is_done(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    story.ledger.transact(
        "want", lambda writing: intents.want(writing, intent_id, RequestedAction.BUMP)
    )
    assert story.intent(intent_id).wanted is RequestedAction.BUMP
    story.do(lambda writing: intents.want(writing, intent_id, None))
    assert story.intent(intent_id).wanted is None
    story.include(attempt_id)
    story.finalise(intent_id)
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: intents.want(writing, intent_id, RequestedAction.BUMP))


def test_block__says_what_it_waits_for__until_it_is_lifted(story: Story) -> None:
    intent_id = story.audited()
    story.do(lambda writing: intents.block_intent(writing, intent_id, Hold.DENIED, "policy"))
    assert story.intent(intent_id).hold is Hold.DENIED
    story.do(lambda writing: intents.unblock_intent(writing, intent_id))
    assert story.intent(intent_id).hold is None


def test_access_list__is_kept_as_it_was(story: Story) -> None:
    intent_id = story.submit()
    wanted = (("0x" + "11" * 20, ("0x" + "00" * 32, "0x" + "01" * 32)), ("0x" + "22" * 20, ()))
    story.do(lambda writing: intents.record_built(writing, intent_id, 50_000, wanted))
    assert story.intent(intent_id).access_list == wanted
