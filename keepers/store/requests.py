"""Off-chain requests under an idempotency key, so that a repeated request has no effect."""

from datetime import datetime

from sqlalchemy import RowMapping, select

from keepers.model.errors.transaction import KeyReusedError
from keepers.model.transaction_records import NewRequest, account_scope
from keepers.model.transaction_states import (
    LIVE_REQUESTS,
    EntityType,
    RequestState,
    StepState,
    Transition,
)
from keepers.store.database import Writing
from keepers.store.tables import events, requests
from keepers.store.transitions import append_event, begin, find, move

UNASKED = frozenset({RequestState.QUEUED, RequestState.SENT})


def submit_request(writing: Writing, new: NewRequest) -> int:
    """Store a request before it is sent; the same key and body return the same id.

    Raises:
        WrongLeaseError: The lease is not on the account.
        KeyReusedError: The key was used with another body or step.
        IllegalMoveError: The step already has an effect, or is in a terminal state.
    """
    writing.require(account_scope(new.account))
    same_key = (requests.c.account == new.account) & (requests.c.client_key == new.client_key)
    row = writing.connection.execute(select(requests).where(same_key)).mappings().first()
    if row is not None:
        if (row["step_id"], row["body"]) != (new.step_id, new.body):
            raise KeyReusedError(new.client_key)
        return row["request_id"]
    move(writing, EntityType.STEP, new.step_id, StepState.ACTIVE, Transition.SUBMIT, reason=None)
    return begin(
        writing,
        EntityType.REQUEST,
        RequestState.QUEUED,
        Transition.SUBMIT,
        step_id=new.step_id,
        account=new.account,
        client_key=new.client_key,
        body=new.body,
        created_at=writing.now,
    )


def mark_sent(writing: Writing, request_id: int) -> None:
    """Record that a request is about to be sent; may be repeated under the same key."""
    if _row(writing, request_id)["state"] == RequestState.SENT:
        append_event(writing, EntityType.REQUEST, request_id, Transition.SEND)
        return
    move(
        writing,
        EntityType.REQUEST,
        request_id,
        RequestState.SENT,
        Transition.SEND,
        sent_at=writing.now,
    )


def last_sent(writing: Writing, request_id: int) -> datetime | None:
    """Return the time of the request's last send attempt; None if there was none."""
    mine = (events.c.entity == EntityType.REQUEST) & (events.c.key == str(request_id))
    sent = mine & (events.c.cause == Transition.SEND)
    newest = select(events.c.at).where(sent).order_by(events.c.event_id.desc()).limit(1)
    return writing.connection.scalar(newest)


def accept_request(writing: Writing, request_id: int, remote_id: str) -> None:
    """Record that the remote service accepted a request, under its own id."""
    _row(writing, request_id)
    state = RequestState.ACCEPTED
    move(writing, EntityType.REQUEST, request_id, state, Transition.ANSWER, remote_id=remote_id)


def finish_request(writing: Writing, request_id: int) -> None:
    """Record that the remote service completed a request; its step is done."""
    step_id = _row(writing, request_id)["step_id"]
    move(writing, EntityType.REQUEST, request_id, RequestState.DONE, Transition.ANSWER)
    move(writing, EntityType.STEP, step_id, StepState.DONE, Transition.ANSWER)


def fail_request(writing: Writing, request_id: int, reason: str) -> None:
    """Record that the remote service refused or failed a request."""
    _end(writing, request_id, RequestState.FAILED, Transition.ANSWER, reason)


def cancel_request(writing: Writing, request_id: int, reason: str) -> None:
    """Cancel a request: by this keeper before it is sent, later only by a response."""
    unsent = _row(writing, request_id)["state"] == RequestState.QUEUED
    cause = Transition.WITHDRAW if unsent else Transition.ANSWER
    _end(writing, request_id, RequestState.CANCELLED, cause, reason)


def ask_bridge(writing: Writing, new: NewRequest) -> tuple[int, datetime | None]:
    """Store a bridge request; return its id and the time of its last send attempt."""
    request_id = submit_request(writing, new)
    return request_id, last_sent(writing, request_id)


def record_asking(writing: Writing, request_id: int) -> None:
    """Record that a bridge request is about to be sent, possibly again after acceptance."""
    if _row(writing, request_id)["state"] in UNASKED:
        mark_sent(writing, request_id)
    else:
        append_event(writing, EntityType.REQUEST, request_id, Transition.SEND)


def record_accepted(writing: Writing, request_id: int, remote_id: str) -> None:
    """Record that a bridge accepted a request, sent or not, since some need no request."""
    state = _row(writing, request_id)["state"]
    if state is RequestState.QUEUED:
        mark_sent(writing, request_id)
    if state in UNASKED:
        accept_request(writing, request_id, remote_id)


def end_request(writing: Writing, step_id: int, reason: str | None) -> None:
    """End the live request of a step, if any: done, or failed for a reason."""
    mine = (requests.c.step_id == step_id) & requests.c.state.in_(LIVE_REQUESTS)
    row = writing.connection.execute(select(requests).where(mine)).mappings().first()
    if row is None:
        return
    if row["state"] is RequestState.QUEUED:
        cancel_request(
            writing, row["request_id"], reason or ("the request was not sent to the bridge")
        )
    elif reason is None:
        finish_request(writing, row["request_id"])
    else:
        fail_request(writing, row["request_id"], reason)


def _end(
    writing: Writing, request_id: int, state: RequestState, cause: Transition, reason: str
) -> None:
    step_id = _row(writing, request_id)["step_id"]
    move(writing, EntityType.REQUEST, request_id, state, cause, reason=reason)
    move(writing, EntityType.STEP, step_id, StepState.FAILED, cause, reason=reason)


def _row(writing: Writing, request_id: int) -> RowMapping:
    row = find(writing, EntityType.REQUEST, request_id)
    writing.require(account_scope(row["account"]))
    return row
