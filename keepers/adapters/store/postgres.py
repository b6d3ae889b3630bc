"""Connections to PostgreSQL, with the same promises as those to a file."""

from sqlalchemy import URL, Connection, Engine, create_engine, event

from keepers.domain.errors_run import JournalUnavailable

POSTGRES = "postgresql+psycopg"

READ_ONLY = "ballast_read_only"
"""Execution option of connections that only read, and so need not wait for writers."""

SETTINGS = (
    "-c lock_timeout=10000 -c synchronous_commit=on -c timezone=UTC"
    " -c idle_in_transaction_session_timeout=30000"
    " -c tcp_keepalives_idle=15 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3"
)
"""How long a writer waits for another one, in milliseconds; a commit survives a power cut.

A keeper that is frozen or cut off inside of a transaction holds the writers' lock. The server lets
go of it after half a minute; by its own settings that may take hours, and nobody could take over.
"""

CONNECT_SECONDS = 10

CONNECT = {"options": SETTINGS, "connect_timeout": CONNECT_SECONDS}

WRITER = 0x42_41_4C_4C
"""The lock that every writer takes, "BALL" in ASCII."""


def connect_to_postgres(url: URL) -> Engine:
    """An engine for a database on a server.

    Raises:
        JournalUnavailable: The driver is not installed.
    """
    try:
        engine = create_engine(url, connect_args=CONNECT)
    except ModuleNotFoundError as error:
        raise JournalUnavailable("PostgreSQL needs `pip install ballast[postgres]`") from error
    event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # As in a file, a writer is alone, so that what it read still holds when it writes.
    if connection.get_execution_options().get(READ_ONLY, False):
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    else:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER})")
