"""Messages to operators: open alerts by key, and the outbox of messages to send."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, func, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.notice import (
    RANK,
    Message,
    MessageKind,
    MessageState,
    Notice,
    Notification,
    OutboxCounts,
    Severity,
)
from keepers.store.database import Writing
from keepers.store.records import record
from keepers.store.tables import notifications

FIGURE = re.compile(
    r"(?<=0x[0-9a-f]{8})[0-9a-f]{64,}…?"
    r"|(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?:[.,:]\d+)*)(?![0-9A-Za-z])"
)
"""Pattern of a separate number, a run id, or the arguments of an unknown error.

Excludes numbers inside hashes, addresses and names.
"""

_columns = notifications.c
_is_open = _columns.over_at.is_(None)


def is_news(connection: Connection, notice: Notice) -> bool:
    """Return whether a notice has a new text or a higher severity than its open key.

    Texts that differ only in numbers are equal: the age of a head grows at every check, and each
    refusal for the same reason is a different run.
    """
    row = _open_row(connection, notice.key)
    if row is None or RANK[notice.severity] > RANK[row["severity"]]:
        return True
    known = select(_columns.severity, _columns.text).where(
        _columns.key == notice.key,
        _columns.since == row["since"],
        _columns.kind == MessageKind.REPORT,
    )
    said = (notice.severity, without_figures(notice.text))
    return all(
        (severity, without_figures(text)) != said for severity, text in connection.execute(known)
    )


def is_open(connection: Connection, key: str) -> bool:
    """Return whether a key is open."""
    return _open_row(connection, key) is not None


def queue_notice(writing: Writing, notice: Notice) -> bool:
    """Queue a notice if it is news, and open its key with it."""
    if not is_news(writing.connection, notice):
        return False
    row = _open_row(writing.connection, notice.key)
    since = writing.now
    if row is not None:
        since = row["since"]
        _end(writing, row)
    facts = {"key": notice.key, "title": notice.title, "text": notice.text, "since": since}
    _insert(writing, MessageKind.REPORT, notice.severity, over_at=None, **facts)
    return True


def queue_recovery(writing: Writing, key: str, text: str) -> bool:
    """Close an open key and queue a resolution with the highest severity of its notices."""
    row = _open_row(writing.connection, key)
    if row is None:
        return False
    _end(writing, row)
    worst = _worst(writing.connection, row)
    facts = {"key": key, "title": row["title"], "text": text, "since": row["since"]}
    _insert(writing, MessageKind.RECOVERY, worst, over_at=writing.now, **facts)
    return True


def queue_notification(writing: Writing, notification: Notification) -> None:
    """Queue the notices and resolutions of a notification."""
    for notice in notification.notices:
        queue_notice(writing, notice)
    for key, text in notification.over:
        queue_recovery(writing, key, text)


def reminders_due(connection: Connection, before: datetime) -> list[RowMapping]:
    """Return open notices last sent before a time, except severity INFO."""
    due = (_is_open, _columns.told_at <= before, _columns.severity != Severity.INFO)
    rows = connection.execute(select(notifications).where(*due).order_by(_columns.notification_id))
    return list(rows.mappings())


def queue_reminders(writing: Writing, after: timedelta) -> int:
    """Queue a reminder of every open notice not sent for the given time."""
    due = reminders_due(writing.connection, writing.now - after)
    for row in due:
        _change(writing, row, told_at=writing.now)
        facts = {name: row[name] for name in ("key", "title", "text", "since")}
        _insert(writing, MessageKind.REMINDER, row["severity"], over_at=writing.now, **facts)
    return len(due)


def without_figures(text: str) -> str:
    """Replace every number and every run id in a text by the same placeholder."""
    return FIGURE.sub("#", text)


def _open_row(connection: Connection, key: str) -> RowMapping | None:
    query = select(notifications).where(_columns.key == key, _is_open)
    return connection.execute(query).mappings().first()


def _worst(connection: Connection, row: RowMapping) -> Severity:
    episode = (_columns.key == row["key"], _columns.since == row["since"])
    found = connection.scalars(select(_columns.severity).where(*episode))
    return max(found, key=RANK.__getitem__)


def _end(writing: Writing, row: RowMapping) -> None:
    writing.connection.execute(update(notifications).where(_same(row)).values(over_at=writing.now))


def _same(row: RowMapping) -> ColumnElement[bool]:
    return _columns.notification_id == row["notification_id"]


def _insert(
    writing: Writing,
    kind: MessageKind,
    severity: Severity,
    *,
    over_at: datetime | None,
    **facts: object,
) -> None:
    row = insert(notifications).values(
        kind=kind,
        severity=severity,
        created_at=writing.now,
        told_at=writing.now,
        over_at=over_at,
        state=MessageState.QUEUED,
        delivered=[],
        tries=0,
        next_try_at=writing.now,
        **facts,
    )
    writing.connection.execute(row)


DAY = timedelta(days=1)

_is_queued = _columns.state == MessageState.QUEUED


def has_due(connection: Connection, now: datetime) -> bool:
    """Return whether a queued message may be sent now."""
    due = select(_columns.notification_id).where(_is_queued, _columns.next_try_at <= now)
    return connection.execute(due.limit(1)).first() is not None


def skip_unwanted(writing: Writing, least: Severity, *, anybody: bool) -> int:
    """Skip messages below the minimum severity, or all without destinations; return the count."""
    lighter = [severity for severity in Severity if RANK[severity] < RANK[least]]
    unwanted = _is_queued & _columns.severity.in_(lighter) if anybody else _is_queued
    skipped = {"state": MessageState.SKIPPED, "next_try_at": None}
    ended = writing.connection.execute(update(notifications).where(unwanted).values(skipped))
    return ended.rowcount


def claim_message(
    writing: Writing, destinations: Sequence[str], claim: timedelta
) -> Message | None:
    """Claim for a limited time the next message that a destination can receive now.

    Each destination receives messages in order: it waits for an earlier undelivered one, while
    other destinations continue.
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
    """Record the destinations that received a message; return its state.

    Args:
        writing: The transaction.
        message: The claimed message.
        destinations: All destinations of the message.
        delivered: Destinations that received it in this attempt.
        error: Reason of a failed delivery, without secrets; None if none failed.
        retry: Time until the next attempt; None to give up.
    """
    query = select(notifications).where(_columns.notification_id == message.message_id)
    row = writing.connection.execute(query).mappings().one()
    if row["state"] != MessageState.QUEUED:
        return row["state"]
    having = sorted({*row["delivered"], *delivered})
    if set(destinations) <= set(having):
        sent = {"state": MessageState.SENT, "sent_at": writing.now, "next_try_at": None}
        _change(writing, row, delivered=having, **sent)
        return MessageState.SENT
    if row["tries"] != message.tries:
        _change(writing, row, delivered=having)  # another keeper has claimed it in the meantime
    elif error is not None and retry is None:
        failed = {"state": MessageState.FAILED, "next_try_at": None}
        _change(writing, row, delivered=having, last_error=error, **failed)
        return MessageState.FAILED
    else:
        again = writing.now + (retry if error is not None and retry else timedelta())
        _change(writing, row, delivered=having, last_error=error, next_try_at=again)
    return MessageState.QUEUED


def count_outbox(connection: Connection, now: datetime) -> OutboxCounts:
    """Count queued messages, messages failed within a day, and open keys."""
    oldest = connection.scalar(select(func.min(_columns.created_at)).where(_is_queued))
    by_severity = select(_columns.severity, func.count()).where(_columns.over_at.is_(None))
    found = connection.execute(by_severity.group_by(_columns.severity))
    counted = dict(found.all())
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
    known = {**row, "message_id": row["notification_id"], "tries": row["tries"] + 1}
    return record(Message, known, destinations=destinations)
