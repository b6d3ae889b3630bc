"""Databases of the fault tests: copied quickly, made unavailable, and checked."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, inspect, make_url, text

from tests.support.postgres import database, drop


@dataclass(frozen=True)
class Databases:
    """Copies of a database that has all tables and no rows."""

    dialect: str
    template: str
    folder: Path
    server: Engine | None

    @contextmanager
    def one(self, name: str) -> Generator[str]:
        """Yield the URL of an empty database, which is removed afterwards."""
        made = self.copy(self.template, name)
        yield made
        self.remove(made)

    def remove(self, url: str) -> None:
        """Remove a database."""
        if self.server is not None:
            drop(self.server, url)
        else:
            Path(make_url(url).database or "").unlink()

    def copy(self, url: str, name: str) -> str:
        """Return the URL of a copy; the original must have no connections."""
        original = make_url(url).database or ""
        if self.server is not None:
            return database(self.server, original)
        return f"sqlite:///{shutil.copy(original, self.folder / f'{name}.sqlite')}"

    def take_away(self, url: str) -> Callable[[], None]:
        """Make a database unavailable; return a function that restores it."""
        stack = ExitStack()
        stack.enter_context(self.away(url))
        return stack.close

    @contextmanager
    def away(self, url: str) -> Generator[None]:
        """Lock a file as another process would, or let a server refuse all connections."""
        if self.server is None:
            with _locked(url):
                yield
        else:
            with _shut(self.server, make_url(url).database or ""):
                yield


@contextmanager
def _locked(url: str) -> Generator[None]:
    # The lock is acquired in one thread and released in another.
    engine = create_engine(url, connect_args={"check_same_thread": False})
    with engine.connect() as connection:
        driver: Any = connection.connection.dbapi_connection
        driver.isolation_level = None
        driver.execute("BEGIN EXCLUSIVE")
        try:
            yield
        finally:
            driver.execute("ROLLBACK")
    engine.dispose()


@contextmanager
def _shut(server: Engine, name: str) -> Generator[None]:
    with server.connect() as connection:
        connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
        ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(ended), {"name": name})
        try:
            yield
        finally:
            connection.execute(text(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


def problems(url: str) -> list[str]:
    """Return the integrity errors of a database; a server reports them when all rows are read."""
    engine = create_engine(url)
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            found = connection.execute(text("PRAGMA integrity_check")).scalars().all()
            broken = connection.execute(text("PRAGMA foreign_key_check")).all()
            wrong = [*(each for each in found if each != "ok"), *map(str, broken)]
        else:
            for name in inspect(connection).get_table_names():
                connection.execute(text(f"TABLE {name}")).all()
            wrong = []
    engine.dispose()
    return wrong


def pages(url: str) -> int:
    """Return the size of a SQLite file, in pages."""
    engine = create_engine(url)
    with engine.connect() as connection:
        found: int = connection.execute(text("PRAGMA page_count")).scalar_one()
    engine.dispose()
    return found
