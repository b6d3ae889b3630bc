"""A scenario of notices in processes that are killed: reports, messages, reminders and recovery."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from keepers.model.notice import Notice, Severity
from keepers.notifications.destination import destinations_of
from keepers.notifications.notifier import SqlNotifier
from keepers.notifications.sender import DeliveryPolicy, NotificationSender
from keepers.store.connection import connect
from keepers.store.database import Database, database_time
from keepers.store.messages import count_outbox
from keepers.transactions.crash_points import VARIABLE, crash_point

destinations_of(["json://localhost"])  # Apprise's first use takes seconds, so before the fork

PATIENCE = 60.0
POLICY = DeliveryPolicy(timeout=1.5, first_retry=0.05)
"""The claims of a killed sender expire after three seconds; then another may send the messages."""

POLL_SECONDS = 0.02
LATER = timedelta(hours=6)
WRITES = (
    *("report_notice", "end_notice", "skip_messages"),
    *("claim_message", "note_delivery", "remind"),
)
"""Every named write of the outbox."""


def notice(key: str) -> Notice:
    """Return a notice of a problem."""
    return Notice(key=key, severity=Severity.WARNING, title=key, text=f"{key} is in trouble")


def report(notifier: SqlNotifier) -> None:
    """Report two problems."""
    notifier.report(notice("one"))
    notifier.report(notice("two"))


def recover(notifier: SqlNotifier) -> None:
    """Report the recovery of one."""
    notifier.recovered("one", "one is well")


def nothing(notifier: SqlNotifier) -> None:
    """Let time pass."""
    del notifier


STEPS: Mapping[str, tuple[Callable[[SqlNotifier], None], timedelta]] = {
    "report": (report, timedelta()),
    "later": (nothing, LATER),
    "recover": (recover, LATER),
}
"""Steps, each with the offset of its clock. Each can be repeated after a kill."""

EXPECTED = [
    *("Ballast, warning: one", "Ballast, warning: two"),
    *("Ballast, still warning: one", "Ballast, still warning: two", "Ballast, resolved: one"),
]


def live(database: str, url: str, kill: str | None = None) -> int:
    """Run a scenario, one process for each step; return the number of killed processes."""
    kills = 0
    for step in STEPS:
        while (code := _in_process(step, database, url, kill)) != 0:
            assert code == -signal.SIGKILL, f"{step} ended with {code}"
            kills, kill = kills + 1, None
    return kills


def _in_process(step: str, database: str, url: str, kill: str | None) -> int | None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.integration.notify.life"])
    process = context.Process(target=_do, args=(step, database, url, kill), daemon=True)
    process.start()
    process.join(PATIENCE)
    if process.is_alive():
        process.kill()
        process.join(PATIENCE)
        raise AssertionError(f"{step} did not end")
    return process.exitcode


def _do(step: str, database: str, url: str, kill: str | None) -> None:
    """Run a step in the forked process."""
    if kill is not None:
        os.environ[VARIABLE] = kill
    work, later = STEPS[step]

    def clock(connection: Connection) -> datetime:
        return database_time(connection) + later

    ledger = Database(connect(database), crash_point, clock)
    work(SqlNotifier(ledger))
    asyncio.run(_empty(ledger, url))
    ledger.close()


async def _empty(ledger: Database, url: str) -> None:
    sender = NotificationSender(ledger, urls=[url], policy=POLICY)
    await sender.deliver()
    while ledger.read(lambda connection: count_outbox(connection, ledger.now())).waiting:
        await asyncio.sleep(POLL_SECONDS)
        await sender.deliver()
