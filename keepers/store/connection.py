"""Connections to the database, set so that what is committed stays, whatever happens next."""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from keepers.model.errors.run import StoreRefusedError, StoreUnavailableError
from keepers.store.deadline import PROCESS
from keepers.store.postgres import POSTGRES, READ_ONLY, connect_to_postgres

BUSY_TIMEOUT_MILLISECONDS = 500
"""How long SQLite itself waits for a lock, which no signal interrupts."""

WRITER_SECONDS = 10.0
"""How long a writer waits for another one; a process that is told to end waits shortly."""

PRIMARY_CODE = 0xFF
"""The bits of an error code of SQLite that say what happened; the others say why."""

NO_FILE = (None, "", ":memory:")

PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",  # readers go on while a run writes
    "PRAGMA synchronous = FULL",  # a commit survives a power cut, which WAL alone does not promise
    "PRAGMA foreign_keys = ON",  # off by default, per connection
)


def connect(url: str) -> Engine:
    """An engine for the database at a URL.

    Raises:
        StoreUnavailableError: The URL is none, is neither of a file nor of PostgreSQL, or is of a
            file in a folder that does not exist.
    """
    try:
        parsed = make_url(url)
        folder = Path(parsed.database or "").parent
        exists = folder.is_dir()
    except ArgumentError as error:
        raise StoreUnavailableError("`database` is not the URL of a database") from error
    except (OSError, ValueError) as error:
        raise StoreUnavailableError("`database` is not the path of a file") from error
    if parsed.drivername == POSTGRES:
        return connect_to_postgres(parsed)
    if parsed.drivername != "sqlite":
        raise StoreUnavailableError(
            f"{parsed.drivername} is not supported, sqlite and {POSTGRES} are"
        )
    if parsed.database in NO_FILE or parsed.query:
        raise StoreUnavailableError("it must be in a file, without options")
    if not exists:
        raise StoreUnavailableError(f"there is no folder {folder}")
    engine = create_engine(parsed, creator=partial(_open, Path(parsed.database)))
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _open(file: Path) -> SqliteConnection:
    """Open a file; one that may only be read, as by an auditor, is opened to be read."""
    if not file.exists() or os.access(file, os.W_OK, effective_ids=True):
        return sqlite3.connect(file, check_same_thread=False)
    # Where nobody has it open, its log is not there, and could not be made.
    has_log = file.with_name(f"{file.name}-wal").exists()
    mode = "mode=ro" if has_log else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False)


def _prepare(connection: SqliteConnection, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver would begin transactions late, or not at all
    for pragma in PRAGMAS:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_READONLY:
                raise


def _begin(connection: Connection) -> None:
    # A writer takes the lock before it reads, so that what it read still holds when it writes.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("BEGIN")
        return
    started = time.monotonic()
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as error:
            waited = time.monotonic() - started
            if not _is_locked(error) or waited >= PROCESS.allowed(WRITER_SECONDS, started):
                raise
        else:
            return


def _is_locked(error: OperationalError) -> bool:
    code = getattr(error.orig, "sqlite_errorcode", 0)
    return code & PRIMARY_CODE == sqlite3.SQLITE_BUSY


@contextmanager
def translated(engine: Engine) -> Generator[None]:
    """Turn the errors of an engine's database into ours, which say where it is."""
    try:
        yield
    except IntegrityError as error:
        raise StoreRefusedError(_first_line(error)) from error
    except DBAPIError as error:
        raise StoreUnavailableError(_first_line(error), shown(engine.url)) from error


def shown(url: URL) -> str:
    """Where a database is, as people are told: a file's path, or a server without password."""
    if url.drivername == "sqlite":
        return url.database or ""
    return url.render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    # What follows is PostgreSQL's account of where it was.
    return str(error.orig).partition("\n")[0]
