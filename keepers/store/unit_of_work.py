"""Read and write transactions, and translation of database errors."""

from collections.abc import Generator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from keepers.model.errors.run import StoreRefusedError, StoreUnavailableError
from keepers.store.postgres import READ_ONLY


class Transactions:
    """Hands out connections inside a transaction that is committed, or leaves nothing behind."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._reader = engine.execution_options(**{READ_ONLY: True})

    @contextmanager
    def write(self) -> Generator[Connection]:
        """A transaction that nobody else writes beside.

        Raises:
            StoreRefusedError: A record breaks a rule of the database; nothing was written.
            StoreUnavailableError: The database cannot be written; nothing was.
        """
        with translated(self.engine), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Generator[Connection]:
        """A transaction that sees one state throughout.

        Raises:
            StoreUnavailableError: The database cannot be read.
        """
        with translated(self.engine), self._reader.begin() as connection:
            yield connection


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
