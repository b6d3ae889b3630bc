"""Tests of delivery: at least once, in order, per destination, with bounded retries."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import pytest

from keepers.model.notice import Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.notifications.sender import DeliveryPolicy
from keepers.store.connection import connect
from keepers.store.database import Database
from tests.unit.notifications.outbox import Outbox, notice
from tests.unit.store.ledger.samples import StillClock

W, C, INFO = Severity.WARNING, Severity.CRITICAL, Severity.INFO
HOUR = 3_600


@pytest.fixture
def three(notifier: SqlNotifier) -> None:
    """Three messages: one, two and three."""
    for text in ("one", "two", "three"):
        notifier.report(notice(text))


@pytest.mark.usefixtures("three")
def test_deliver__everything__in_order_to_everybody(outbox: Outbox) -> None:
    assert outbox.deliver().sent == 3
    assert outbox.a.texts == outbox.b.texts == ["one", "two", "three"]
    assert outbox.column("state") == ["SENT"] * 3
    assert outbox.deliver().sent == 0
    assert len(outbox.a.got) == 3


@pytest.mark.usefixtures("three")
def test_deliver__one_destination_is_down__the_other_goes_on(
    outbox: Outbox, clock: StillClock
) -> None:
    outbox.a.refuses = "no thanks"
    outbox.deliver()
    assert outbox.b.texts == ["one", "two", "three"]
    assert outbox.column("state") == ["QUEUED"] * 3
    assert outbox.rows()[0]["last_error"] == "paper://***: no thanks"
    outbox.a.refuses = None
    outbox.deliver()
    assert outbox.a.texts == []  # before the next attempt is due
    clock.advance(15)
    outbox.deliver()
    assert outbox.a.texts == outbox.b.texts == ["one", "two", "three"]
    assert outbox.column("state") == ["SENT"] * 3


def test_deliver__refused_for_ever__is_given_up_and_the_next_goes_on(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice("one"))
    notifier.report(notice("two"))
    outbox.a.refuses = "no thanks"
    seconds = 0
    while outbox.rows()[0]["state"] == "QUEUED":
        outbox.deliver("a")
        clock.advance(15)
        seconds += 15
        assert seconds < 2 * HOUR
    first, second = outbox.rows()
    assert (first["state"], first["tries"]) == ("FAILED", 10)
    assert abs(seconds - HOUR) < 300  # the time that the policy allows
    assert second["tries"] <= 1
    outbox.a.refuses = None
    clock.advance(HOUR)
    outbox.deliver("a")
    assert outbox.a.texts == ["two"]


def test_retry__doubles_up_to_a_limit_and_ends() -> None:
    policy = DeliveryPolicy()
    waits = [policy.retry(tries) for tries in range(1, 11)]
    seconds = [each.total_seconds() for each in waits if each is not None]
    assert seconds == [15, 30, 60, 120, 240, 480, 900, 900, 900]
    assert waits[-1] is None


@pytest.mark.parametrize(("least", "sent"), [(INFO, 3), (W, 2), (C, 1)])
def test_deliver__below_the_least_severity__is_skipped(
    notifier: SqlNotifier, outbox: Outbox, least: Severity, sent: int
) -> None:
    for severity in Severity:
        notifier.report(notice(severity=severity, key=severity))
    outbox.deliver(minimum_severity=least)
    assert len(outbox.a.got) == sent
    assert outbox.column("state").count("SKIPPED") == 3 - sent


@pytest.mark.usefixtures("three")
def test_deliver__nowhere__is_skipped_and_not_sent_later(outbox: Outbox) -> None:
    asyncio.run(outbox.sender().deliver())
    assert outbox.column("state") == ["SKIPPED"] * 3
    outbox.deliver()
    assert outbox.a.got == []


def test_reminder__comes_after_its_hours_while_open(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice("trouble"))
    notifier.report(notice("a report", INFO, key="report"))
    outbox.deliver()
    clock.advance(6 * HOUR - 1)
    outbox.deliver()
    assert len(outbox.a.got) == 2
    clock.advance(1)
    for _ in range(2):
        outbox.deliver()
    assert outbox.a.titles[2:] == ["Ballast, still warning: about vault:main"]
    clock.advance(6 * HOUR)
    outbox.deliver()
    assert len(outbox.a.got) == 4
    notifier.recovered("vault:main", "fine")
    clock.advance(24 * HOUR)
    outbox.deliver()
    assert outbox.a.titles[4:] == ["Ballast, resolved: about vault:main"]
    assert outbox.a.texts[-1] == "fine"


def test_reminder__is_no_news_for_the_next_report(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice())
    clock.advance(6 * HOUR)
    outbox.deliver()
    notifier.report(notice())
    assert outbox.column("kind") == ["REPORT", "REMINDER"]


@pytest.mark.usefixtures("three")
def test_deliver__killed_while_sending__sends_once_more(outbox: Outbox, clock: StillClock) -> None:
    assert outbox.claim("a") is not None
    outbox.deliver("a", timeout=5)
    assert outbox.a.got == []  # another sender holds the claim
    clock.advance(10)
    outbox.deliver("a", timeout=5)
    assert outbox.a.texts == ["one", "two", "three"]


@pytest.mark.usefixtures("three")
def test_deliver__two_senders__send_each_message_once(outbox: Outbox) -> None:
    async def both() -> None:
        await asyncio.gather(*(outbox.sender("a").deliver() for _ in range(2)))

    asyncio.run(both())
    assert sorted(outbox.a.texts) == ["one", "three", "two"]


def test_deliver__claimed_by_another_meanwhile__does_not_undo_it(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    notifier.report(notice())
    old = outbox.claim("a", "b")
    clock.advance(10)
    new = outbox.claim("a", "b")
    assert outbox.note(old, delivered=["a"], error="b: no") == "QUEUED"
    row = outbox.rows()[0]
    assert (row["tries"], row["delivered"]) == (2, ["a"])
    assert row["next_try_at"] > clock.now
    assert outbox.note(new, delivered=["b"]) == "SENT"


def test_deliver__no_answer__is_given_up_in_time(notifier: SqlNotifier, outbox: Outbox) -> None:
    notifier.report(notice())
    answered = threading.Event()
    outbox.a.before = lambda: (answered.wait(30), None)[1]
    done = outbox.deliver("a", timeout=0.05)
    answered.set()
    assert (done.sent, done.later) == (0, 1)
    assert "no response within 0.05 seconds" in outbox.rows()[0]["last_error"]


def test_deliver__destination_raises__is_a_failure(
    notifier: SqlNotifier, outbox: Outbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threading, "excepthook", print)
    notifier.report(notice())

    def broken() -> None:
        raise ValueError

    outbox.a.before = broken
    assert outbox.deliver("a").later == 1
    assert "Apprise itself failed" in outbox.rows()[0]["last_error"]


@pytest.mark.usefixtures("three")
def test_deliver__destination_is_taken_from_the_settings__is_not_waited_for(
    outbox: Outbox, clock: StillClock
) -> None:
    outbox.a.refuses = "gone"
    outbox.deliver()
    clock.advance(15)
    outbox.deliver("b")
    assert outbox.column("state") == ["SENT"] * 3
    assert outbox.b.texts == ["one", "two", "three"]


def test_deliver__database_is_gone__stops_nothing(tmp_path: Path) -> None:
    lost = Outbox(Database(connect(f"sqlite:///{tmp_path / 'no-tables.sqlite'}")))
    assert lost.deliver().sent == 0


def test_deliver__earlier_try_goes_on__begins_no_other_thread(
    notifier: SqlNotifier, outbox: Outbox, clock: StillClock
) -> None:
    answered = threading.Event()
    outbox.a.before = lambda: assert_set(answered)
    notifier.report(notice("one"))
    outbox.deliver("a", timeout=0.05)
    waiting = threading.active_count()
    for _ in range(3):
        clock.advance(HOUR)
        outbox.deliver("a", timeout=0.05)
        assert threading.active_count() == waiting
    assert (
        outbox.rows()[0]["last_error"]
        == "paper://***: an earlier attempt still waits for its response"
    )
    answered.set()
    for thread in threading.enumerate():
        if thread.name == "delivery":
            thread.join()
    outbox.a.before = lambda: None
    clock.advance(HOUR)
    assert outbox.deliver("a").sent == 1


def assert_set(event: threading.Event) -> None:
    assert event.wait(30)
