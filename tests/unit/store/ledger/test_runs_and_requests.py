"""Tests of runs, steps and off-chain requests."""

from dataclasses import replace

import pytest
from sqlalchemy import Connection, select

from keepers.model.errors.run import IllegalTransitionError, StoreRefusedError
from keepers.model.errors.transaction import (
    IllegalMoveError,
    KeyReusedError,
    UnknownRecordError,
)
from keepers.model.run import RunStatus
from keepers.model.transaction_records import account_scope
from keepers.model.transaction_states import (
    AttemptState,
    RequestState,
)
from keepers.store import requests, run_writes
from keepers.store.tables import events
from keepers.store.tables import requests as request_table
from keepers.store.transaction_queries import read_intent
from tests.unit.store.ledger.samples import REQUEST
from tests.unit.store.ledger.story import Story


def test_close_run__something_is_under_way__is_refused(story: Story) -> None:
    intent_id, _, attempt_id = story.broadcast()
    with pytest.raises(IllegalTransitionError, match="waiting for step 0"):
        story.do(lambda writing: run_writes.close_run(writing, "t1", RunStatus.FAILED, None))
    story.include(attempt_id)
    story.finalise(intent_id)
    story.do(lambda writing: run_writes.close_run(writing, "t1", RunStatus.DONE, None))
    with pytest.raises(StoreRefusedError, match="tr_run_steps_begin"):
        story.step()


def test_steps__skipped_or_failed_before_anything__stay_so(story: Story) -> None:
    skipped, failed = story.step(), story.step()
    story.do(lambda writing: run_writes.skip_step(writing, skipped, "its sale failed"))
    story.do(lambda writing: run_writes.fail_step(writing, failed, "no quote"))
    assert [story.step_state(each) for each in (skipped, failed)] == ["SKIPPED", "FAILED"]
    with pytest.raises(IllegalMoveError):
        story.submit(skipped)


def test_requests__asked_accepted_done(story: Story) -> None:
    story.lease = story.acquire(account_scope("desk"))
    new = replace(REQUEST, step_id=story.step())
    request_id = story.do(lambda writing: requests.submit_request(writing, new))
    assert story.do(lambda writing: requests.submit_request(writing, new)) == request_id
    with pytest.raises(KeyReusedError):
        story.do(lambda writing: requests.submit_request(writing, replace(new, body="{}")))
    for _ in range(2):
        story.do(lambda writing: requests.mark_sent(writing, request_id))
    story.do(lambda writing: requests.accept_request(writing, request_id, "remote-1"))
    story.do(lambda writing: requests.finish_request(writing, request_id))
    assert story.step_state() == "DONE"
    with pytest.raises(IllegalMoveError):
        story.do(lambda writing: requests.fail_request(writing, request_id, "late"))


def test_requests__failed_then_cancelled__step_may_be_tried_again(story: Story) -> None:
    story.lease = story.acquire(account_scope("desk"))
    step_id = story.step()
    for number, sent in enumerate((True, False, True)):
        new = replace(REQUEST, step_id=step_id, client_key=f"k{number}")
        request_id = story.do(lambda writing, new=new: requests.submit_request(writing, new))
        if sent:
            story.do(lambda writing, key=request_id: requests.mark_sent(writing, key))
        end = requests.fail_request if number == 0 else requests.cancel_request
        story.do(lambda writing, end=end, key=request_id: end(writing, key, "why"))
        assert story.step_state() == "FAILED"
    found = story.ledger.read(
        lambda connection: list(connection.scalars(select(request_table.c.state)))
    )
    assert found == [RequestState.FAILED, RequestState.CANCELLED, RequestState.CANCELLED]


def test_events__every_move__tells_who_and_why(story: Story, sql: Connection) -> None:
    _, _, attempt_id = story.broadcast()
    chosen = select(events).where(events.c.entity == "slot_attempts").order_by(events.c.event_id)
    rows = sql.execute(chosen).mappings().all()
    assert [(row["from_state"], row["to_state"], row["cause"]) for row in rows] == [
        (None, AttemptState.SIGNED, "SIGN"),
        (AttemptState.SIGNED, AttemptState.SEALED, "VALIDATE"),
        (AttemptState.SEALED, AttemptState.BROADCAST, "SEND"),
    ]
    assert {(row["key"], row["epoch"], row["write_name"]) for row in rows} == {
        (str(attempt_id), 1, "test")
    }


def test_read__unknown__says_so(story: Story) -> None:
    with pytest.raises(UnknownRecordError):
        story.ledger.read(lambda connection: read_intent(connection, 99))
    with pytest.raises(UnknownRecordError):
        story.seal(99)
