"""What people are told of: what is open under a key, what is news, and what is over."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import Connection, RowMapping, insert, select, update
from sqlalchemy.sql.elements import ColumnElement

from keepers.model.notice import Notice, Notification, Severity
from keepers.model.outbox import RANK, MessageKind, MessageState
from keepers.store.sending.transact import Writing
from keepers.store.tables import notifications

FIGURE = re.compile(
    r"(?<=0x[0-9a-f]{8})[0-9a-f]{64,}…?"
    r"|(?<![0-9A-Za-z])(?:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+(?:[.,:]\d+)*)(?![0-9A-Za-z])"
)
"""A number that stands alone, the id of a run, or the arguments of an error that nobody knows.

Numbers inside of hashes, addresses and names are not meant.
"""

_columns = notifications.c
_is_open = _columns.over_at.is_(None)


def is_news(connection: Connection, notice: Notice) -> bool:
    """Whether a notice says what was not said since its key is open, or says it more urgently.

    A text that differs in figures alone is the same: the age of a head grows at every look, and
    each refusal for one reason is another run.
    """
    row = _open_row(connection, notice.key)
    if row is None or RANK[notice.severity] > RANK[Severity(row["severity"])]:
        return True
    told = select(_columns.severity, _columns.text).where(
        _columns.key == notice.key,
        _columns.since == row["since"],
        _columns.kind == MessageKind.REPORT,
    )
    said = (str(notice.severity), without_figures(notice.text))
    return all(
        (severity, without_figures(text)) != said for severity, text in connection.execute(told)
    )


def is_open(connection: Connection, key: str) -> bool:
    """Whether something is open under a key."""
    return _open_row(connection, key) is not None


def queue_notice(writing: Writing, notice: Notice) -> bool:
    """Queue a notice if it is news; it is then what is open under its key."""
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
    """End what is open under a key and say so, to whoever heard of the worst of it."""
    row = _open_row(writing.connection, key)
    if row is None:
        return False
    _end(writing, row)
    worst = _worst(writing.connection, row)
    facts = {"key": key, "title": row["title"], "text": text, "since": row["since"]}
    _insert(writing, MessageKind.RECOVERY, worst, over_at=writing.now, **facts)
    return True


def queue_telling(writing: Writing, telling: Notification) -> None:
    """Queue what is told at one moment."""
    for notice in telling.notices:
        queue_notice(writing, notice)
    for key, text in telling.over:
        queue_recovery(writing, key, text)


def reminders_due(connection: Connection, before: datetime) -> list[RowMapping]:
    """What is open and was last told before a time; reports of mere information are not."""
    due = (_is_open, _columns.told_at <= before, _columns.severity != Severity.INFO)
    rows = connection.execute(select(notifications).where(*due).order_by(_columns.notification_id))
    return list(rows.mappings())


def queue_reminders(writing: Writing, after: timedelta) -> int:
    """Queue a reminder of everything that is open and was not told for so long."""
    due = reminders_due(writing.connection, writing.now - after)
    for row in due:
        told = update(notifications).where(_same(row)).values(told_at=writing.now)
        writing.connection.execute(told)
        facts = {name: row[name] for name in ("key", "title", "text", "since")}
        severity = Severity(row["severity"])
        _insert(writing, MessageKind.REMINDER, severity, over_at=writing.now, **facts)
    return len(due)


def without_figures(text: str) -> str:
    """A text with every number and every id of a run in it made the same."""
    return FIGURE.sub("#", text)


def _open_row(connection: Connection, key: str) -> RowMapping | None:
    query = select(notifications).where(_columns.key == key, _is_open)
    return connection.execute(query).mappings().first()


def _worst(connection: Connection, row: RowMapping) -> Severity:
    episode = (_columns.key == row["key"], _columns.since == row["since"])
    found = connection.scalars(select(_columns.severity).where(*episode))
    return max((Severity(each) for each in found), key=RANK.__getitem__)


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
