"""Database and locks of a process that works for an owner."""

from __future__ import annotations

import fcntl
import re
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from keepers.config import Settings
from keepers.config.values import SQLITE_FILE
from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.errors.transaction import LeaseHeldError
from keepers.store.database import Database, open_database
from keepers.store.marks import MARKS
from keepers.transactions.crash_points import crash_point


class KeeperAlreadyRunningError(BallastError):
    """Another process works for the same vault, or with the same key."""

    def __init__(self, what: str, file: Path) -> None:
        super().__init__(f"another keeper is running for {what}; it holds the lock {file}")
        self.what = what
        self.file = file


OTHER_PROCESS = "another process on this machine"


@contextmanager
def locks_as_leases() -> Generator[None]:
    """Report a lock held by another process of this machine as a held lease.

    Raises:
        LeaseHeldError: Another process holds the lock.
    """
    try:
        yield
    except KeeperAlreadyRunningError as error:
        raise LeaseHeldError(error.what, OTHER_PROCESS) from error


@contextmanager
def only_keeper(database: str, what: str) -> Generator[None, None, None]:
    """Hold the lock of an owner or a key.

    Args:
        database: The database's URL; the lock is a file beside it.
        what: The locked owner or key, as in `vault main`.

    Raises:
        KeeperAlreadyRunningError: Another process holds the lock.
        StoreUnavailableError: The lock file cannot be created, so neither can the database.
    """
    file = lock_file(database, what)
    with _opened(file) as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise KeeperAlreadyRunningError(what, file) from None
        yield


def _opened(file: Path) -> TextIO:
    try:
        return file.open("a")
    except OSError as error:
        raise StoreUnavailableError(f"cannot open {file}: {error.strerror}") from error


def lock_file(database: str, what: str) -> Path:
    """Return the lock's file, beside the database's."""
    suffix = re.sub(r"[^0-9A-Za-z-]+", "-", what)
    base = Path(database.removeprefix(SQLITE_FILE))
    return base.with_name(f"{base.name}.{suffix}.lock")


if TYPE_CHECKING:
    from keepers.runtime.process.owner import SenderSetup


@contextmanager
def alone(settings: Settings, sender: SenderSetup, address: str) -> Generator[None]:
    """Hold the locks of an owner and its key, excluding other processes of this machine.

    Raises:
        KeeperAlreadyRunningError: Another process holds a lock.
    """
    with ExitStack() as stack:
        if settings.database.startswith(SQLITE_FILE):
            for what in (sender.name, f"key {sender.chain.chain_id} {address}"):
                stack.enter_context(only_keeper(settings.database, what))
        yield


def has_database(settings: Settings) -> bool:
    """Return whether there is a database to read; opening a missing file would create it."""
    is_file = settings.database.startswith(SQLITE_FILE)
    return not is_file or Path(settings.database.removeprefix(SQLITE_FILE)).exists()


@contextmanager
def opened(settings: Settings) -> Generator[Database]:
    """Open the database, and close it at the end.

    Raises:
        DatabaseLostError: This process used another database at the same location before.
        StoreUnavailableError: The database cannot be opened.
    """
    MARKS.check_file(settings.database)  # opening would recreate a missing file
    database = open_database(settings.database, crash_point)
    try:
        MARKS.check(database)
        yield database
    finally:
        database.close()
