"""Connections to SQLite and PostgreSQL with the same guarantees: commits are durable."""

import os
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError

from keepers.model.errors.run import StoreRefusedError, StoreUnavailableError
from keepers.store.deadline import PROCESS

POSTGRES = "postgresql+psycopg"

READ_ONLY = "ballast_read_only"
"""Execution option of read-only connections, which do not wait for writers."""

SETTINGS = (
    "-c lock_timeout=5000 -c statement_timeout=6000 -c synchronous_commit=on -c timezone=UTC"
    " -c idle_in_transaction_session_timeout=4000"
    " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=10000"
)
"""Server settings: lock and statement timeouts in milliseconds, and durable commits.

A keeper that hangs or loses its connection inside a transaction holds the writers' lock. The server
releases it after four seconds, before waiting writers time out.
"""

CONNECT_SECONDS = 3

CONNECT: dict[str, str | int] = {
    "options": SETTINGS,
    "connect_timeout": CONNECT_SECONDS,
    "keepalives_idle": 5,
    "keepalives_interval": 2,
    "keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
"""The same on the client side; `BoundedConnection` bounds the remaining waits."""

MIGRATION_SECONDS = 3_600.0
"""Timeout of a migration's statement."""

WRITER = 0x42_41_4C_4C
"""Key of the advisory lock that every writer takes, "BALL" in ASCII."""


def connect_to_postgres(url: URL) -> Engine:
    """Return an engine for a PostgreSQL database.

    Raises:
        StoreUnavailableError: The driver is not installed.
    """
    try:
        engine = create_engine(url, connect_args=CONNECT)
    except ModuleNotFoundError as error:
        raise StoreUnavailableError("PostgreSQL needs `pip install ballast[postgres]`") from error
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "begin", _begin_on_server)
    return engine


def _connect(dialect: object, record: object, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - the driver's
    # The driver is optional and only installed for PostgreSQL.
    from keepers.store.bounded_connection import connect_bounded  # noqa: PLC0415

    del dialect, record
    return connect_bounded(*args, **kwargs)


@contextmanager
def unlimited_statements(connection: Connection) -> Generator[None]:
    """Raise the statement timeout of this transaction, as migrations require."""
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name != "postgresql":
        yield
        return
    connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
    usual, driver.answer_seconds = driver.answer_seconds, MIGRATION_SECONDS
    try:
        yield
    finally:
        driver.answer_seconds = usual


def _begin_on_server(connection: Connection) -> None:
    # As in SQLite, only one writer at a time, so that its reads stay valid until it writes.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")


BUSY_TIMEOUT_MILLISECONDS = 500
"""Time that SQLite itself waits for a lock; signals do not interrupt this wait."""

WRITER_SECONDS = 10.0
"""Time that a writer waits for another writer; shorter during shutdown."""

PRIMARY_CODE = 0xFF
"""Bits of an SQLite result code with the primary code; the other bits are details."""

NO_FILE = (None, "", ":memory:")

PRAGMAS = (
    f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MILLISECONDS}",
    "PRAGMA journal_mode = WAL",  # readers are not blocked by a writer
    "PRAGMA synchronous = FULL",  # commits survive a power loss, not guaranteed by WAL
    "PRAGMA foreign_keys = ON",  # off by default, per connection
)


def connect(url: str) -> Engine:
    """Return an engine for the database at a URL.

    Raises:
        StoreUnavailableError: The URL is invalid, is neither for a file nor for PostgreSQL, or is
            for a file in a folder that does not exist.
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
    """Open a file; read-only if the user may only read it."""
    if not file.exists() or os.access(file, os.W_OK, effective_ids=True):
        return sqlite3.connect(file, check_same_thread=False)
    # Without another connection there is no WAL file, and it could not be created.
    has_log = file.with_name(f"{file.name}-wal").exists()
    mode = "mode=ro" if has_log else "mode=ro&immutable=1"
    return sqlite3.connect(f"{file.absolute().as_uri()}?{mode}", uri=True, check_same_thread=False)


def _prepare(connection: SqliteConnection, record: object) -> None:
    del record
    connection.isolation_level = None  # the driver would begin transactions late or never
    for pragma in PRAGMAS:
        try:
            connection.execute(pragma)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY_CODE != sqlite3.SQLITE_READONLY:
                raise


def _begin(connection: Connection) -> None:
    # A writer takes the lock before it reads, so that its reads stay valid until it writes.
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
    """Convert database errors of an engine to Ballast errors that name the database."""
    try:
        yield
    except IntegrityError as error:
        raise StoreRefusedError(_first_line(error)) from error
    except DBAPIError as error:
        raise StoreUnavailableError(_first_line(error), shown(engine.url)) from error


def shown(url: URL) -> str:
    """Return a database's location for display: a file path, or a server without password."""
    if url.drivername == "sqlite":
        return url.database or ""
    return url.render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    # Further lines are PostgreSQL's error context.
    return str(error.orig).partition("\n")[0]
