"""Tests of alarms as notifications: one when an alarm begins, one when it ends."""

from __future__ import annotations

import pytest

from keepers.model.alarms import Alarm
from keepers.model.notice import Notice, Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.runtime.process.telemetry import AlarmNotices, KeeperTelemetry
from keepers.telemetry.metrics import Metrics
from tests.unit.notifications.outbox import Outbox
from tests.unit.transactions.paper_engine import CHAIN_ID, EngineOnPaper

SENDER = "0xAB" + "00" * 19
FUNDS = f"sender:1:{SENDER.lower()}:funds"


class Book:
    """Notifier that records its calls."""

    def __init__(self) -> None:
        self.reports: list[Notice] = []
        self.over: list[str] = []

    def report(self, notice: Notice) -> None:
        self.reports.append(notice)

    def recovered(self, key: str, text: str) -> None:
        assert text
        self.over.append(key)


class Seconds:
    """Clock that only tests advance."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def book() -> Book:
    return Book()


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def notices(book: Book, seconds: Seconds) -> AlarmNotices:
    """`AlarmNotices` after two passes, so that no alarm of an earlier process is open."""
    made = AlarmNotices(book, 1, SENDER, seconds)
    passes(made, (), ())
    made.begin_pass()
    book.over.clear()
    return made


def passes(notices: AlarmNotices, *raised: tuple[Alarm, ...]) -> None:
    """Run one pass for each tuple and raise its alarms."""
    for alarms in raised:
        notices.begin_pass()
        for alarm in alarms:
            notices.alarm(alarm, f"{alarm} at 7")


def test_alarm__goes_on__is_reported_once(notices: AlarmNotices, book: Book) -> None:
    passes(notices, *[(Alarm.FUNDS,)] * 5)
    (report,) = book.reports
    assert (report.key, report.severity) == (FUNDS, Severity.WARNING)
    assert report.text == f"key {SENDER} on chain 1: funds at 7"
    assert report.title == "the sender has too little native token for gas"
    assert book.over == []


def test_alarm__of_those_that_are_critical__is_critical(notices: AlarmNotices, book: Book) -> None:
    passes(notices, (Alarm.SIGNER_WRONG,))
    assert book.reports[0].severity is Severity.CRITICAL


def test_alarm__a_whole_pass_without_it__is_over(notices: AlarmNotices, book: Book) -> None:
    passes(notices, (Alarm.FUNDS,), ())
    assert book.over == []  # the current pass may still raise it
    passes(notices, ())
    assert book.over == [FUNDS]
    passes(notices, (), ())
    assert book.over == [FUNDS]
    passes(notices, (Alarm.FUNDS,))
    assert len(book.reports) == 2


@pytest.mark.parametrize("stopping", [Alarm.PAUSED, Alarm.NODES_UNAVAILABLE])
def test_alarm__pass_was_cut_short__is_not_over(
    notices: AlarmNotices, book: Book, stopping: Alarm
) -> None:
    passes(notices, (Alarm.FUNDS,), (stopping,), (stopping,), ())
    assert FUNDS not in book.over


def test_nodes__answer_again_while_paused__are_over(notices: AlarmNotices, book: Book) -> None:
    passes(notices, (Alarm.NODES_UNAVAILABLE,), (Alarm.PAUSED,), (Alarm.PAUSED,))
    assert [key.rpartition(":")[2] for key in book.over] == ["nodes_unavailable"]


def test_nodes__down_from_the_start__without_a_head__is_reported(book: Book) -> None:
    notices = AlarmNotices(book, 1, SENDER)
    for _ in range(3):
        notices.alarm(Alarm.NODES_UNAVAILABLE, "no node answers")
    assert len(book.reports) == 1


def test_alarm__new_text__is_reported__and_each_once(notices: AlarmNotices, book: Book) -> None:
    for _ in range(3):
        notices.begin_pass()
        notices.alarm(Alarm.WOULD_REVERT, "slippage")
        notices.alarm(Alarm.WOULD_REVERT, "paused")
    assert [each.text.rpartition(": ")[2] for each in book.reports] == ["slippage", "paused"]


def test_alarm__other_figures_at_every_pass__is_no_news(notices: AlarmNotices, book: Book) -> None:
    for age in range(610, 660, 10):
        notices.begin_pass()
        notices.alarm(Alarm.HEAD_STALLED, f"no block after 12 for {age} seconds")
    assert len(book.reports) == 1


def test_alarm__goes_on_for_long__is_looked_up_now_and_then(
    notices: AlarmNotices, book: Book, seconds: Seconds
) -> None:
    for _ in range(100):
        passes(notices, (Alarm.FUNDS,))
        seconds.now += 60
    assert len(book.reports) == 10
    assert set(book.reports) == {book.reports[0]}


def test_alarm__left_open_by_an_earlier_process__is_over(outbox: Outbox) -> None:
    notifier = SqlNotifier(outbox.ledger)
    passes(AlarmNotices(notifier, 1, SENDER), (Alarm.FUNDS,))
    again = AlarmNotices(notifier, 1, SENDER)
    passes(again, (), ())
    assert outbox.column("kind") == ["REPORT", "RECOVERY"]
    passes(AlarmNotices(notifier, 2, SENDER), (Alarm.FUNDS,))
    passes(AlarmNotices(notifier, 1, SENDER), (), ())
    assert outbox.column("over_at")[-1] is None  # alarm of another chain


def test_engine__auditor_refuses_once__is_told_and_over(rig: EngineOnPaper) -> None:
    outbox = Outbox(rig.database)
    telemetry = KeeperTelemetry(
        Metrics(), CHAIN_ID, rig.sender, lambda _: None, SqlNotifier(rig.database)
    )
    rig.telemetry = telemetry  # pyright: ignore[reportAttributeAccessIssue]
    rig.restart()
    rig.auditor.refused = {"0x00000001"}
    rig.submit()
    for _ in range(4):
        rig.run()
    assert outbox.column("kind") == ["REPORT", "RECOVERY"]
    assert outbox.rows()[0]["key"] == f"sender:{CHAIN_ID}:{rig.sender.lower()}:audit_refused"


def checks(outbox: Outbox, *raised: tuple[Alarm, ...]) -> None:
    """Run checks of one pass each, each with a new engine, as the service does."""
    for alarms in raised:
        notices = AlarmNotices(SqlNotifier(outbox.ledger), 1, SENDER)
        passes(notices, alarms)
        notices.end_pass()


def test_checks__of_one_pass_each__say_that_an_alarm_is_over(outbox: Outbox) -> None:
    checks(outbox, (Alarm.FUNDS,), (Alarm.FUNDS,))
    assert outbox.column("kind") == ["REPORT"]
    checks(outbox, ())
    assert outbox.column("kind") == ["REPORT", "RECOVERY"]
    checks(outbox, ())
    assert outbox.column("kind") == ["REPORT", "RECOVERY"]


def test_checks__of_one_pass_each__do_not_know_of_a_head_that_stands_still(outbox: Outbox) -> None:
    checks(outbox, (Alarm.HEAD_STALLED,), (), ())
    assert outbox.column("kind") == ["REPORT"]


def test_check__that_is_cut_short__says_nothing(outbox: Outbox) -> None:
    checks(outbox, (Alarm.FUNDS,), (Alarm.NODES_UNAVAILABLE,), (Alarm.PAUSED,))
    assert [row["key"] for row in outbox.rows() if row["kind"] == "RECOVERY"] == [
        f"sender:1:{SENDER.lower()}:nodes_unavailable"
    ]
