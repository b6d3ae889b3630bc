"""Connections to PostgreSQL, with the same promises as those to a file."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event

from keepers.model.errors.run import StoreUnavailableError

POSTGRES = "postgresql+psycopg"

READ_ONLY = "ballast_read_only"
"""Execution option of connections that only read, and so need not wait for writers."""

SETTINGS = (
    "-c lock_timeout=5000 -c statement_timeout=6000 -c synchronous_commit=on -c timezone=UTC"
    " -c idle_in_transaction_session_timeout=4000"
    " -c tcp_keepalives_idle=5 -c tcp_keepalives_interval=2 -c tcp_keepalives_count=3"
    " -c tcp_user_timeout=10000"
)
"""How long a writer waits for another one, in milliseconds; a commit survives a power cut.

A keeper that is frozen or cut off inside of a transaction holds the writers' lock. The server
releases it after four seconds, before the writers that wait for it give up.
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
"""The same for this side of a connection; `BoundedConnection` bounds what these do not reach."""

MIGRATION_SECONDS = 3_600.0
"""How long a statement of a migration may take."""

WRITER = 0x42_41_4C_4C
"""The lock that every writer takes, "BALL" in ASCII."""


def connect_to_postgres(url: URL) -> Engine:
    """An engine for a database on a server.

    Raises:
        StoreUnavailableError: The driver is not installed.
    """
    try:
        engine = create_engine(url, connect_args=CONNECT)
    except ModuleNotFoundError as error:
        raise StoreUnavailableError("PostgreSQL needs `pip install ballast[postgres]`") from error
    event.listen(engine, "do_connect", _connect)
    event.listen(engine, "begin", _begin)
    return engine


def _connect(dialect: object, record: object, args: Any, kwargs: Any) -> Any:  # noqa: ANN401 - the driver's
    # The driver is installed only where PostgreSQL is used.
    from keepers.store.bounded_connection import connect_bounded  # noqa: PLC0415

    del dialect, record
    return connect_bounded(*args, **kwargs)


@contextmanager
def unlimited_statements(connection: Connection) -> Generator[None]:
    """Let statements of this transaction take as long as they need, as those of migrations do."""
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


def _begin(connection: Connection) -> None:
    # As in a file, a writer is alone, so that what it read still holds when it writes.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")
