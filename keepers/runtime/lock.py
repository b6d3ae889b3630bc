"""One keeper per vault and per key on one machine: locks that are released with the process.

Keepers that share a server have leases instead, which another may take over.
"""

from __future__ import annotations

import fcntl
import re
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from keepers.config.values import SQLITE_FILE
from keepers.model.errors import BallastError
from keepers.model.errors.run import StoreUnavailableError


class KeeperAlreadyRunningError(BallastError):
    """Another process works for the same vault, or with the same key."""

    def __init__(self, what: str, file: Path) -> None:
        super().__init__(f"another keeper is running for {what}; it holds {file}")
        self.what = what
        self.file = file


@contextmanager
def only_keeper(database: str, what: str) -> Generator[None, None, None]:
    """Hold the lock of a vault or a key.

    Args:
        database: The journal's URL; the lock is a file beside it.
        what: What must not be worked on twice, as in `vault main`.

    Raises:
        KeeperAlreadyRunningError: Somebody holds it.
        StoreUnavailableError: There is no place for it, and so none for the database.
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
    """Where the lock is: beside the database's file."""
    suffix = re.sub(r"[^0-9A-Za-z-]+", "-", what)
    base = Path(database.removeprefix(SQLITE_FILE))
    return base.with_name(f"{base.name}.{suffix}.lock")
