"""The database and the locks of a process that works for a vault or a treasury."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from keepers.config import Settings
from keepers.config.values import SQLITE_FILE
from keepers.runtime.lock import only_keeper
from keepers.store.database import Ledger, open_ledger
from keepers.store.marks import MARKS
from keepers.transactions.crash_points import crash_point

if TYPE_CHECKING:
    from keepers.runtime.senders import SenderSetup


@contextmanager
def alone(settings: Settings, sender: SenderSetup, address: str) -> Generator[None]:
    """No other process of this machine works for the same or with the key.

    Raises:
        KeeperAlreadyRunningError: One does.
    """
    with ExitStack() as stack:
        if settings.database.startswith(SQLITE_FILE):
            for what in (sender.name, f"key {sender.chain.chain_id} {address}"):
                stack.enter_context(only_keeper(settings.database, what))
        yield


def has_database(settings: Settings) -> bool:
    """Whether there is a database to read; opening one would make a file that is not there."""
    is_file = settings.database.startswith(SQLITE_FILE)
    return not is_file or Path(settings.database.removeprefix(SQLITE_FILE)).exists()


@contextmanager
def opened(settings: Settings) -> Generator[Ledger]:
    """The ledger, closed afterwards.

    Raises:
        DatabaseLostError: This process has worked with another database at the same place.
        StoreUnavailableError: It cannot be opened.
    """
    MARKS.check_file(settings.database)  # opening would make a file that is gone anew
    ledger = open_ledger(settings.database, crash_point)
    try:
        MARKS.check(ledger)
        yield ledger
    finally:
        ledger.close()
