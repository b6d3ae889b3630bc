"""Messages through Apprise to a real webhook: accepted, refused, slow, and unreachable."""

from __future__ import annotations

import logging
from collections.abc import Generator

import pytest
import structlog
from sqlalchemy import select
from structlog.testing import LogCapture

from keepers.model.notice import Notice, Severity
from keepers.notifications.notifier import SqlNotifier
from keepers.notifications.sender import DeliveryPolicy, NotificationSender
from keepers.store.database import Database
from keepers.store.tables import notifications
from tests.integration.notify.webhook import KEY, Webhook

PATIENT = DeliveryPolicy(timeout=20, first_retry=1)
HASTY = DeliveryPolicy(timeout=0.3, first_retry=1)
NOTICE = Notice(
    key="vault:main", severity=Severity.CRITICAL, title="L1 is empty", text="Pay in & look: 5 < 6"
)


@pytest.fixture
def lines() -> Generator[list[dict[str, object]]]:
    """Log lines of Ballast."""
    capture, before = LogCapture(), structlog.get_config()
    structlog.configure(processors=[capture])
    yield capture.entries  # pyright: ignore[reportReturnType]
    structlog.configure(**before)


def only_row(ledger: Database) -> dict[str, object]:
    with ledger.reading() as connection:
        (row,) = connection.execute(select(notifications)).mappings()
        return dict(row)


async def test_message__arrives_as_it_was_written(ledger: Database, hook: Webhook) -> None:
    SqlNotifier(ledger).report(NOTICE)
    done = await NotificationSender(ledger, urls=[hook.url], policy=PATIENT).deliver()
    assert done.sent == 1
    (got,) = hook.got
    assert got["title"] == "Ballast, critical: L1 is empty"
    assert got["message"] == "Pay in & look: 5 < 6"
    assert got["type"] == "failure"
    assert only_row(ledger)["state"] == "SENT"


async def test_life_of_a_trouble__is_three_messages(ledger: Database, hook: Webhook) -> None:
    notifier = SqlNotifier(ledger)
    sender = NotificationSender(ledger, urls=[hook.url], policy=PATIENT)
    for _ in range(3):
        notifier.report(NOTICE)
        await sender.deliver()
    notifier.recovered(NOTICE.key, "L1 has cash again")
    notifier.recovered(NOTICE.key, "L1 has cash again")
    await sender.deliver()
    assert [each["type"] for each in hook.got] == ["failure", "success"]
    assert hook.titles[1] == "Ballast, resolved: L1 is empty"


@pytest.mark.parametrize("trouble", ["answers 500", "answers 404", "drops", "slow"])
async def test_webhook__in_trouble__gets_it_later(
    ledger: Database, later: Database, hook: Webhook, trouble: str, lines: list[dict[str, object]]
) -> None:
    SqlNotifier(ledger).report(NOTICE)
    sender = NotificationSender(
        ledger, urls=[hook.url], policy=HASTY if trouble == "slow" else PATIENT
    )
    if trouble == "drops":
        hook.drops = True
    elif trouble == "slow":
        hook.gate.clear()
    else:
        hook.status = int(trouble.split()[1])
    done = await sender.deliver()
    assert (done.sent, done.later) == (0, 1)
    row = only_row(ledger)
    assert row["state"] == "QUEUED"
    assert str(row["last_error"]).startswith("json://***: ")
    assert KEY not in str(row["last_error"])
    assert KEY not in str(lines)
    hook.gate.set()
    hook.drops, hook.status = False, 200
    assert (await NotificationSender(later, urls=[hook.url], policy=PATIENT).deliver()).sent == 1
    assert hook.titles[-1] == "Ballast, critical: L1 is empty"


async def test_webhook__is_down__stays_queued_and_says_why(
    ledger: Database, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    url = f"json://127.0.0.1:1/{KEY}"
    with caplog.at_level(logging.DEBUG):
        SqlNotifier(ledger).report(NOTICE)
        done = await NotificationSender(ledger, urls=[url], policy=PATIENT).deliver()
    assert done.later == 1
    row = only_row(ledger)
    assert (row["state"], row["tries"]) == ("QUEUED", 1)
    assert row["last_error"] == (
        "json://***: A Connection error occurred sending JSON notification to ***."
    )
    told = str(row) + caplog.text + "".join(capfd.readouterr())
    assert KEY not in told


async def test_sender__one_of_two_is_down__the_other_has_it_once(
    ledger: Database, hook: Webhook
) -> None:
    SqlNotifier(ledger).report(NOTICE)
    sender = NotificationSender(ledger, urls=["json://127.0.0.1:1/x", hook.url], policy=PATIENT)
    for _ in range(3):
        await sender.deliver()
    assert len(hook.got) == 1
    assert only_row(ledger)["state"] == "QUEUED"
