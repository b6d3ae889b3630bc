"""The engine's notifier: messages are queued, and sent later."""

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
    """Queues messages in the ledger's database.

    A message that cannot be written is logged, and stops nothing. What is no news is only read.
    """

    def __init__(self, ledger: Database) -> None:
        self._ledger = ledger

    def report(self, notice: Notice) -> None:
        """Queue a message, unless the same was told since its key is open.

        The same is the same severity and text, figures in it aside. What is more urgent than what
        is open is always told.
        """

        def work() -> None:
            if self._ledger.read(lambda connection: is_news(connection, notice)):
                self._ledger.transact("report_notice", lambda w: queue_notice(w, notice))

        _unharmed(work, key=notice.key, problem=notice.title)

    def recovered(self, key: str, text: str) -> None:
        """Queue the end of what was open under a key; do nothing if nothing was."""

        def work() -> None:
            if self._ledger.read(lambda connection: is_open(connection, key)):
                self._ledger.transact("end_notice", lambda w: queue_recovery(w, key, text))

        _unharmed(work, key=key, problem=text)


def _unharmed(work: Callable[[], None], **facts: object) -> None:
    """Do it, or log what people are not told now."""
    try:
        work()
    except (StoreUnavailableError, StoreRefusedError) as error:
        _log.error("notice_lost", reason=str(error), **facts)
