"""Writes that both databases refuse by themselves when something bypasses the outbox."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from keepers.model.errors.run import StoreRefusedError
from keepers.model.notice import Notice, Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.store.database import Database

COPY = (
    "INSERT INTO notifications (key, kind, severity, title, text, created_at, since, told_at,"
    " state, delivered, tries, next_try_at) SELECT key, kind, severity, title, text, created_at,"
    " since, told_at, state, delivered, tries, next_try_at FROM notifications"
)


@pytest.fixture
def one(ledger: Database) -> Database:
    """An outbox with one open message."""
    SqlNotifier(ledger).report(Notice(key="k", severity=Severity.INFO, title="t", text="x"))
    return ledger


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        (COPY, r"uq_notifications_open|notifications\.key"),
        ("UPDATE notifications SET state = 'MAYBE', next_try_at = NULL", "tr_notifications_move"),
        ("UPDATE notifications SET state = 'SENT', next_try_at = NULL", "ck_notifications_sent"),
        ("UPDATE notifications SET next_try_at = NULL", "ck_notifications_queued"),
        ("UPDATE notifications SET text = 'y'", "tr_notifications_fixed"),
        (
            "UPDATE notifications SET over_at = 'a'; UPDATE notifications SET over_at = NULL",
            "tr_notifications_once",
        ),
        (
            (
                "UPDATE notifications SET state = 'SKIPPED', next_try_at = NULL;"
                " UPDATE notifications SET state = 'QUEUED', next_try_at = 'a'"
            ),
            "tr_notifications_move",
        ),
    ],
)
def test_rules__broken__are_named(one: Database, statement: str, rule: str) -> None:
    with pytest.raises(StoreRefusedError, match=rule):
        one.transact(
            "test", lambda w: [w.connection.execute(text(each)) for each in statement.split(";")]
        )
