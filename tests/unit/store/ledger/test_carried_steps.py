"""Tests of calls that execute several steps: the steps are settled together with the call."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from sqlalchemy import update

from keepers.model.errors.run import StoreRefusedError
from keepers.model.errors.transaction import IllegalMoveError, KeyReusedError
from keepers.model.run import PLAN, RunKind
from keepers.model.transaction_records import NewCall, NewPlanStep, ReceiptVerdict
from keepers.store import attempts, inclusion, intents, run_writes
from keepers.store.database import Writing
from keepers.store.tables import intents as stored_intents
from keepers.store.tables import run_steps
from tests.unit.store.ledger.samples import INTENT, RUN, receipt
from tests.unit.store.ledger.story import CHAIN_NONCE, Story

CALL = NewCall(**{each.name: getattr(INTENT, each.name) for each in fields(NewCall)})


class Plan:
    """A story with two steps that one call executes."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.steps = (story.step(), story.step())
        self.intent_id = self.submit(CALL)

    def submit(self, call: NewCall) -> int:
        new = NewPlanStep(run_id=RUN.run_id, detail={"indices": [0, 1]}, carried=self.steps)
        return self.story.do(lambda writing: intents.submit_plan(writing, new, call))

    @property
    def states(self) -> list[str]:
        """Return the states of the step of the call, and of the steps that it carries."""
        own = self.story.intent(self.intent_id).intent.step_id
        return [self.story.step_state(each) for each in (own, *self.steps)]

    def signed(self) -> int:
        story, intent_id = self.story, self.intent_id
        story.do(lambda writing: intents.record_built(writing, intent_id, 21_000))
        story.do(lambda writing: intents.record_audited(writing, intent_id))
        slot_id, _ = story.do(
            lambda writing: attempts.reserve_nonce(writing, intent_id, CHAIN_NONCE)
        )
        return story.store(slot_id)

    def include(self, attempt_id: int, verdict: ReceiptVerdict | None, block: int = 1) -> None:
        seen = receipt(block)
        self.story.do(
            lambda writing: inclusion.record_inclusion(writing, attempt_id, seen, verdict)
        )

    def view(self, step_id: int) -> tuple[str | None, object]:
        found = self.story.ledger.read(lambda connection: run_writes.step_of(connection, step_id))
        return found.reason, found.outcome


@pytest.fixture
def plan(story: Story) -> Plan:
    """Plan whose call is submitted."""
    return Plan(story)


def test_submit__steps__are_active_and_carried_in_order(plan: Plan) -> None:
    assert plan.states == ["ACTIVE"] * 3
    own = plan.story.intent(plan.intent_id).intent.step_id
    view = plan.story.ledger.read(lambda connection: run_writes.step_of(connection, own))
    assert (view.kind, view.detail) == (PLAN, {"indices": [0, 1]})
    assert tuple(each.step_id for each in view.carried) == plan.steps


def test_submit__same_again__answers_the_same_and_another_call_is_refused(plan: Plan) -> None:
    assert plan.submit(CALL) == plan.intent_id
    with pytest.raises(KeyReusedError):
        plan.submit(replace(CALL, calldata="0x00"))


def test_submit__a_step_is_under_way__nothing_is_stored(plan: Plan) -> None:
    with pytest.raises(IllegalMoveError):
        plan.submit(replace(CALL, idempotency_key="other"))
    steps = plan.story.ledger.read(lambda connection: run_writes.step_of(connection, 3))
    assert steps.carried
    assert plan.states == ["ACTIVE"] * 3


def test_reject__before_signing__all_steps_fail_for_the_reason(plan: Plan) -> None:
    plan.story.do(lambda writing: intents.reject_intent(writing, plan.intent_id, "Paused()"))
    assert plan.states == ["FAILED"] * 3
    assert [plan.view(each)[0] for each in plan.steps] == ["Paused()"] * 2


def test_include__each_step__has_its_own_result_until_a_reorganisation(plan: Plan) -> None:
    attempt_id = plan.signed()
    first, second = plan.steps
    verdict = ReceiptVerdict(
        done=True,
        carried={
            first: ReceiptVerdict(done=True, outcome={"received": "5"}),
            second: ReceiptVerdict(done=False, reason="Nope()"),
        },
    )
    plan.include(attempt_id, verdict)
    assert plan.states == ["DONE", "DONE", "FAILED"]
    assert plan.view(first) == (None, {"received": "5"})
    assert plan.view(second) == ("Nope()", {})
    plan.story.unsettle(plan.intent_id)
    assert plan.states == ["ACTIVE"] * 3
    assert [plan.view(each) for each in plan.steps] == [(None, None)] * 2


def test_include__verdict_leaves_a_step_out__it_is_not_done(plan: Plan) -> None:
    attempt_id = plan.signed()
    first, second = plan.steps
    plan.include(attempt_id, ReceiptVerdict(done=True, carried={first: ReceiptVerdict(done=True)}))
    assert plan.states == ["DONE", "DONE", "FAILED"]
    assert plan.view(second)[0] == "included, but nothing proves that it was executed"


@pytest.mark.parametrize("reason", ["OutOfGas()", None])
def test_include__call_failed__so_have_all_steps(plan: Plan, reason: str | None) -> None:
    attempt_id = plan.signed()
    seen = receipt(1, succeeded=False)
    verdict = None if reason is None else ReceiptVerdict(done=False, reason=reason)
    plan.story.do(lambda writing: inclusion.record_inclusion(writing, attempt_id, seen, verdict))
    assert plan.states == ["FAILED"] * 3
    assert {plan.view(each)[0] for each in plan.steps} == {reason or "reverted"}


def test_database__carried_step__gets_no_call_of_its_own(plan: Plan) -> None:
    first, _ = plan.steps
    new = replace(INTENT, step_id=first, idempotency_key="own")
    with pytest.raises(IllegalMoveError):
        plan.story.do(lambda writing: intents.submit_intent(writing, new))
    with pytest.raises(StoreRefusedError, match="tr_intents_step"):
        plan.story.do(lambda writing: copy_intent(writing, first))


def copy_intent(writing: Writing, step_id: int) -> None:
    """Insert the stored intent again for another step, past the code of the repository."""
    known = dict(writing.connection.execute(stored_intents.select()).mappings().one())
    del known["intent_id"]
    changed = {"step_id": step_id, "idempotency_key": "copy"}
    writing.connection.execute(stored_intents.insert().values(**known | changed))


def test_database__carrier__is_a_step_of_the_same_run_that_carries_and_stays(plan: Plan) -> None:
    story, (first, second) = plan.story, plan.steps
    own = story.intent(plan.intent_id).intent.step_id

    def carry(step_id: int, carrier: int | None) -> None:
        chosen = update(run_steps).where(run_steps.c.step_id == step_id)
        story.do(lambda writing: writing.connection.execute(chosen.values(carrier_id=carrier)))

    plain = story.step()
    with pytest.raises(StoreRefusedError, match="tr_run_steps_carrier"):
        carry(plain, first)
    for wrong in (None, second):
        with pytest.raises(StoreRefusedError, match=r"tr_run_steps_(once|carrier)"):
            carry(first, wrong)
    other = replace(RUN, run_id="t2")
    story.do(lambda writing: run_writes.open_run(writing, RunKind.TRANSFER, other))
    elsewhere = story.do(lambda writing: run_writes.add_step(writing, "t2", "SEND", {}))
    with pytest.raises(StoreRefusedError, match="tr_run_steps_carrier"):
        carry(elsewhere, own)
