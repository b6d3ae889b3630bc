"""Database checks: high-water marks detect a different or older copy; a probe tests writes."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, make_url, select

from keepers.model.errors.run import DatabaseLostError
from keepers.store.connection import shown
from keepers.store.database import Database, Writing
from keepers.store.tables import events
from keepers.store.transitions import append_event


@dataclass(frozen=True, slots=True)
class Mark:
    """High-water mark of a database: its first event, unique to it, and its newest event.

    Events are never changed or deleted, so a database with fewer is an older copy.
    """

    first: tuple[str, str] | None
    newest: int


@dataclass(frozen=True, slots=True)
class _Seen:
    mark: Mark
    file: tuple[int, int] | None


class Marks:
    """Highest marks of the databases that a process has used."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._seen: dict[str, _Seen] = {}

    def check_file(self, url: str) -> None:
        """Reject a missing or replaced file before opening would create it again.

        Raises:
            DatabaseLostError: The file was used before and no longer exists.
        """
        place = make_url(url)
        seen = self._seen.get(shown(place))
        if seen is None or seen.file is None:
            return
        now = _identity(place)
        if now is None:
            raise DatabaseLostError("its file was deleted while the keeper ran", shown(place))
        if now != seen.file:
            raise DatabaseLostError("its file was replaced while the keeper ran", shown(place))

    def check(self, database: Database) -> None:
        """Compare a database with its last mark, and record its mark.

        Raises:
            DatabaseLostError: It is empty, a different one, or has fewer events than before.
            StoreUnavailableError: It cannot be read.
        """
        place = database.url
        self.check_file(place.render_as_string(hide_password=False))
        mark, name = database.read(_mark), shown(place)
        with self._lock:
            seen = self._seen.get(name)
            if seen is not None:
                _compare(seen.mark, mark, name)
            self._seen[name] = _Seen(mark, _identity(place))


def _compare(before: Mark, now: Mark, name: str) -> None:
    if before.first is not None and before.first != now.first:
        raise DatabaseLostError("it is not the database that the keeper has used", name)
    if now.newest < before.newest:
        problem = f"it is an older copy: it has {now.newest} events, and had {before.newest} before"
        raise DatabaseLostError(problem, name)


def _mark(connection: Connection) -> Mark:
    query = select(events.c.event_id, events.c.at, events.c.key).order_by(events.c.event_id)
    first = connection.execute(query.limit(1)).first()
    if first is None:
        return Mark(None, 0)
    newest = connection.scalar(
        select(events.c.event_id).order_by(events.c.event_id.desc()).limit(1)
    )
    return Mark((first.at.isoformat(), first.key), newest or 0)


def _identity(url: URL) -> tuple[int, int] | None:
    """Return device and inode of a file; None for a server or a missing file."""
    if url.drivername != "sqlite":
        return None
    try:
        found = Path(url.database or "").stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


MARKS = Marks()
"""Marks of this process."""


class _UndoneError(Exception):
    """Aborts the transaction, so that it is rolled back."""


def probe(database: Database) -> None:
    """Test a write and roll it back.

    Raises:
        StoreUnavailableError: The database is not writable.
    """

    def work(writing: Writing) -> None:
        append_event(writing, "probe", "0", "PROBE")
        raise _UndoneError

    try:
        database.transact("probe", work)
    except _UndoneError:
        return
