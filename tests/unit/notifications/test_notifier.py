"""Tests of the notifier: new, repeated and ended notifications."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.exc import IntegrityError

from keepers.model.notice import Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.store.connection import connect
from keepers.store.database import Database
from tests.unit.notifications.outbox import Outbox, notice
from tests.unit.store.ledger.samples import StillClock

W, C, INFO = Severity.WARNING, Severity.CRITICAL, Severity.INFO


def test_report__open_with_the_same_text__is_queued_once(
    notifier: SqlNotifier, outbox: Outbox
) -> None:
    notifier.report(notice())
    notifier.report(notice())
    assert outbox.column("text") == ["L1 is empty"]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("no block after 12 for 610 seconds", "no block after 12 for 1,220 seconds"),
        ("fee of 3.5 gwei", "fee of 12 gwei"),
        ("since 12:00", "since 12:05"),
        (
            "see run e9c7b2f1-6753-47b5-be23-dcfb245b4dd6",
            "see run 72030b75-28d2-4bd4-9e79-54c78c8119d2",
        ),
        (f"refused: 0xfeedf00d{'0' * 62}1c()", f"refused: 0xfeedf00d{'0' * 62}ab()"),
    ],
)
def test_report__other_figures__are_no_news(
    notifier: SqlNotifier, outbox: Outbox, first: str, second: str
) -> None:
    notifier.report(notice(first))
    notifier.report(notice(second))
    assert outbox.column("text") == [first]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("L1 is low", "L2 is low"),
        ("hash 0x12ab", "hash 0x13ab"),
        (f"0x{'a' * 64}", f"0x{'b' * 64}"),
        ("up", "down"),
    ],
)
def test_report__other_words__are_news(
    notifier: SqlNotifier, outbox: Outbox, first: str, second: str
) -> None:
    notifier.report(notice(first))
    notifier.report(notice(second))
    assert outbox.column("text") == [first, second]
    assert [over is None for over in outbox.column("over_at")] == [False, True]


def test_report__two_texts_by_turns__are_told_once_each(
    notifier: SqlNotifier, outbox: Outbox
) -> None:
    for _ in range(3):
        notifier.report(notice("one"))
        notifier.report(notice("two"))
    assert outbox.column("text") == ["one", "two"]


def test_report__more_urgent__is_told_again(notifier: SqlNotifier, outbox: Outbox) -> None:
    notifier.report(notice(severity=W))
    notifier.report(notice(severity=C))
    notifier.report(notice(severity=W))
    notifier.report(notice(severity=C))
    assert outbox.column("severity") == ["WARNING", "CRITICAL"]


def test_report__less_urgent_in_other_words__then_worse_again__is_told(
    notifier: SqlNotifier, outbox: Outbox
) -> None:
    for said in (notice("bad", C), notice("better", W), notice("bad", C)):
        notifier.report(said)
    assert outbox.column("text") == ["bad", "better", "bad"]


def test_report__other_key__is_another_matter(notifier: SqlNotifier, outbox: Outbox) -> None:
    notifier.report(notice(key="one"))
    notifier.report(notice(key="two"))
    assert outbox.column("key") == ["one", "two"]


def test_recovered__is_told_once_and_opens_the_key_again(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice())
    clock.advance(60)
    notifier.recovered("vault:main", "L1 has cash again")
    notifier.recovered("vault:main", "L1 has cash again")
    clock.advance(60)
    notifier.report(notice())
    assert outbox.column("kind") == ["REPORT", "RECOVERY", "REPORT"]
    assert outbox.column("title") == ["about vault:main"] * 3
    assert [over is None for over in outbox.column("over_at")] == [False, False, True]


def test_recovered__nothing_open__says_nothing(notifier: SqlNotifier, outbox: Outbox) -> None:
    notifier.recovered("vault:main", "fine")
    assert outbox.rows() == []


def test_recovered__has_the_worst_severity_of_its_time(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice("bad", C))
    clock.advance(60)
    notifier.report(notice("better", W))
    notifier.recovered("vault:main", "fine")
    assert outbox.column("severity") == ["CRITICAL", "WARNING", "CRITICAL"]


def test_report__nothing_new__does_not_write(notifier: SqlNotifier, outbox: Outbox) -> None:
    notifier.report(notice())
    begun: list[str] = []

    def listen(*facts: Any) -> None:
        begun.append(facts[2])

    event.listen(Engine, "before_cursor_execute", listen)
    notifier.report(notice())
    notifier.recovered("another", "fine")
    event.remove(Engine, "before_cursor_execute", listen)
    assert begun
    assert all(statement.startswith(("SELECT", "BEGIN")) for statement in begun), begun
    assert "BEGIN IMMEDIATE" not in begun
    assert len(outbox.rows()) == 1


def test_report__database_is_gone__stops_nothing(tmp_path: Path) -> None:
    lost = SqlNotifier(Database(connect(f"sqlite:///{tmp_path / 'no-tables.sqlite'}")))
    lost.report(notice())
    lost.recovered("vault:main", "fine")


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("state = 'MAYBE'", "tr_notifications_move"),
        ("kind = 'REMINDER'", "tr_notifications_fixed|ck_notifications_open"),
        ("severity = 'PANIC'", "tr_notifications_fixed|ck_notifications_severity"),
        ("text = 'other'", "tr_notifications_fixed"),
        ("next_try_at = NULL", "ck_notifications_queued"),
        ("sent_at = 't'", "ck_notifications_sent"),
        ("state = 'SENT', next_try_at = NULL", "ck_notifications_sent"),
        ("state = 'FAILED', next_try_at = NULL", "ck_notifications_failed"),
        ("tries = -1", "ck_notifications_tries"),
    ],
)
def test_rules__broken__are_named(
    notifier: SqlNotifier, sql: Connection, change: str, rule: str
) -> None:
    notifier.report(notice())
    with pytest.raises(IntegrityError, match=rule):
        sql.execute(text(f"UPDATE notifications SET {change}"))  # noqa: S608


@pytest.mark.parametrize("state", ["QUEUED", "SKIPPED"])
def test_rules__sent__is_final(
    notifier: SqlNotifier, outbox: Outbox, sql: Connection, state: str
) -> None:
    notifier.report(notice())
    outbox.deliver()
    change = f"state = '{state}', sent_at = NULL"
    change += ", next_try_at = 't'" if state == "QUEUED" else ""
    with pytest.raises(IntegrityError, match="tr_notifications_move"):
        sql.execute(text(f"UPDATE notifications SET {change}"))  # noqa: S608


def test_rules__two_open_of_a_key__are_refused(notifier: SqlNotifier, sql: Connection) -> None:
    notifier.report(notice("one"))
    notifier.report(notice("two"))
    with pytest.raises(IntegrityError, match=r"notifications\.key|tr_notifications_once"):
        sql.execute(text("UPDATE notifications SET over_at = NULL"))
