"""Notifier that queues messages in the database; they are sent later."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from keepers.model.errors.run import StoreRefusedError, StoreUnavailableError
from keepers.model.notice import Notice
from keepers.store.database import Database
from keepers.store.messages import (
    is_news,
    is_open,
    queue_notice,
    queue_recovery,
)

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class SqlNotifier:
    """Notifier with a queue in the database.

    A message that cannot be written is only logged. Without news nothing is written.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def report(self, notice: Notice) -> None:
        """Queue a message, unless the same one was reported while its key is open.

        Messages are equal if severity and text are, ignoring numbers. A message of higher severity
        than the open one is always queued.
        """

        def work() -> None:
            if self._database.read(lambda connection: is_news(connection, notice)):
                self._database.transact("report_notice", lambda w: queue_notice(w, notice))

        _tolerantly(work, key=notice.key, problem=notice.title)

    def recovered(self, key: str, text: str) -> None:
        """Queue the resolution of an open key; no-op if it is not open."""

        def work() -> None:
            if self._database.read(lambda connection: is_open(connection, key)):
                self._database.transact("end_notice", lambda w: queue_recovery(w, key, text))

        _tolerantly(work, key=key, problem=text)


def _tolerantly(work: Callable[[], None], **facts: object) -> None:
    """Run `work`; if the database fails, log the lost message."""
    try:
        work()
    except (StoreUnavailableError, StoreRefusedError) as error:
        _log.error("notice_lost", reason=str(error), **facts)
