"""The outbox: which message goes to whom next, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, select, update
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.notice import Severity
from keepers.model.outbox import RANK, Message, MessageKind, MessageState, OutboxCounts
from keepers.store.sending.transact import Writing
from keepers.store.tables import notifications

DAY = timedelta(days=1)

_columns = notifications.c
_is_queued = _columns.state == MessageState.QUEUED


def has_due(connection: Connection, now: datetime) -> bool:
    """Whether a queued message may be tried now, by whomever."""
    due = select(_columns.notification_id).where(_is_queued, _columns.next_try_at <= now)
    return connection.execute(due.limit(1)).first() is not None


def skip_unwanted(writing: Writing, least: Severity, *, anybody: bool) -> int:
    """End what nobody shall get: all of it where there is nobody; answers how many."""
    lighter = [severity for severity in Severity if RANK[severity] < RANK[least]]
    unwanted = _is_queued & _columns.severity.in_(lighter) if anybody else _is_queued
    skipped = {"state": MessageState.SKIPPED, "next_try_at": None}
    ended = writing.connection.execute(update(notifications).where(unwanted).values(skipped))
    return ended.rowcount


def claim_message(
    writing: Writing, destinations: Sequence[str], claim: timedelta
) -> Message | None:
    """The next message that somebody can get now, kept from other couriers for a time.

    Each destination gets messages in their order: it waits for an earlier one that it does not
    have, while others go on.
    """
    waiting: set[str] = set()
    query = select(notifications).where(_is_queued).order_by(_columns.notification_id)
    for row in writing.connection.execute(query).mappings():
        missing = [each for each in destinations if each not in row["delivered"]]
        free = tuple(each for each in missing if each not in waiting)
        if row["next_try_at"] <= writing.now and (free or not missing):
            _change(writing, row, tries=row["tries"] + 1, next_try_at=writing.now + claim)
            return _message(row, free)
        waiting.update(missing)
        if waiting.issuperset(destinations):
            return None
    return None


def note_delivery(
    writing: Writing,
    message: Message,
    destinations: Sequence[str],
    delivered: Sequence[str],
    *,
    error: str | None,
    retry: timedelta | None,
) -> MessageState:
    """Remember who has a message; answers how it stands.

    Args:
        writing: The transaction.
        message: As it was claimed.
        destinations: Everybody who shall have it.
        delivered: Who got it now.
        error: Why somebody did not, without secrets; None where nobody failed.
        retry: When to try again; None gives it up.
    """
    query = select(notifications).where(_columns.notification_id == message.message_id)
    row = writing.connection.execute(query).mappings().one()
    if row["state"] != MessageState.QUEUED:
        return MessageState(row["state"])
    having = sorted({*row["delivered"], *delivered})
    if set(destinations) <= set(having):
        sent = {"state": MessageState.SENT, "sent_at": writing.now, "next_try_at": None}
        _change(writing, row, delivered=having, **sent)
        return MessageState.SENT
    if row["tries"] != message.tries:
        _change(writing, row, delivered=having)  # another courier has claimed it since
    elif error is not None and retry is None:
        failed = {"state": MessageState.FAILED, "next_try_at": None}
        _change(writing, row, delivered=having, last_error=error, **failed)
        return MessageState.FAILED
    else:
        again = writing.now + (retry if error is not None and retry else timedelta())
        _change(writing, row, delivered=having, last_error=error, next_try_at=again)
    return MessageState.QUEUED


def count_outbox(connection: Connection, now: datetime) -> OutboxCounts:
    """What waits, what was given up within a day, and what is open."""
    oldest = connection.scalar(select(func.min(_columns.created_at)).where(_is_queued))
    by_severity = select(_columns.severity, func.count()).where(_columns.over_at.is_(None))
    found = connection.execute(by_severity.group_by(_columns.severity)).all()
    counted = {Severity(severity): count for severity, count in found}
    given_up = (_columns.state == MessageState.FAILED) & (_columns.created_at > now - DAY)
    return OutboxCounts(
        waiting=_count(connection, _is_queued),
        oldest_seconds=0.0 if oldest is None else max(0.0, (now - oldest).total_seconds()),
        failed=_count(connection, given_up),
        open={severity: counted.get(severity, 0) for severity in Severity},
    )


def _count(connection: Connection, condition: ColumnElement[bool]) -> int:
    return connection.execute(
        select(func.count()).select_from(notifications).where(condition)
    ).scalar_one()


def _change(writing: Writing, row: RowMapping, **values: object) -> None:
    same = _columns.notification_id == row["notification_id"]
    writing.connection.execute(update(notifications).where(same).values(values))


def _message(row: RowMapping, destinations: tuple[str, ...]) -> Message:
    return Message(
        message_id=row["notification_id"],
        kind=MessageKind(row["kind"]),
        severity=Severity(row["severity"]),
        title=row["title"],
        text=row["text"],
        tries=row["tries"] + 1,
        destinations=destinations,
    )
