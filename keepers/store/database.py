"""Database access: reads, and named transactions fenced by a lease."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Concatenate, ParamSpec, Protocol, TypeVar

from sqlalchemy import URL, Connection, Engine, select, text

from keepers.model.errors.transaction import StaleLeaseError, WrongLeaseError
from keepers.model.transaction_records import LeaseGrant
from keepers.store.connection import READ_ONLY, connect, translated
from keepers.store.migrate import upgrade
from keepers.store.tables import leases

NOW = {
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"),
    "postgresql": text(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    ),
}


def database_time(connection: Connection) -> datetime:
    """Return database time, since local clocks of keepers may differ."""
    spelled = connection.execute(NOW[connection.dialect.name]).scalar_one()
    return datetime.fromisoformat(spelled).replace(tzinfo=UTC)


T = TypeVar("T")
P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Writing:
    """Open transaction: its name, the database time, and its lease.

    Created only by `Database.transact`.
    """

    connection: Connection
    name: str
    now: datetime
    lease: LeaseGrant | None

    def require(self, scope: str) -> None:
        """Require that the lease is on a scope.

        Raises:
            WrongLeaseError: The lease is on another scope, or there is none.
        """
        held = None if self.lease is None else self.lease.scope
        if held != scope:
            raise WrongLeaseError(scope, held)


def nowhere(point: str) -> None:
    """Do nothing at a crash point; tests inject crashes instead."""
    del point


class Database:
    """Runs transactions; every method may raise `StoreUnavailableError`."""

    def __init__(
        self,
        engine: Engine,
        crash: Callable[[str], None] = nowhere,
        clock: Callable[[Connection], datetime] = database_time,
    ) -> None:
        self._engine = engine
        self._reader = engine.execution_options(**{READ_ONLY: True})
        self._crash = crash
        self._clock = clock

    @property
    def url(self) -> URL:
        """Return the URL of the database."""
        return self._engine.url

    def transact(
        self, name: str, work: Callable[[Writing], T], lease: LeaseGrant | None = None
    ) -> T:
        """Run `work` in one transaction; without a lease it can claim, plan and annotate only.

        The lease is checked first, and this transaction is the only writer, so every commit was
        written while the lease was held.

        Raises:
            StaleLeaseError: The lease has expired.
            StoreRefusedError: A database rule was violated; nothing was written.
        """
        self._crash(f"before_{name}")
        with translated(self._engine), self._engine.begin() as connection:
            writing = Writing(connection, name, self._clock(connection), lease)
            if lease is not None:
                _check(writing, lease)
            result = work(writing)
            self._crash(f"inside_{name}")
        self._crash(f"after_{name}")
        return result

    @contextmanager
    def reading(self) -> Generator[Connection]:
        """Open a read-only transaction on a consistent snapshot."""
        with translated(self._engine), self._reader.begin() as connection:
            yield connection

    def read(self, work: Callable[[Connection], T]) -> T:
        """Run read-only `work` on a consistent snapshot."""
        with self.reading() as connection:
            return work(connection)

    def now(self) -> datetime:
        """Return database time."""
        return self.read(self._clock)

    def close(self) -> None:
        """Close all connections; the database can be opened again."""
        self._engine.dispose()


def _check(writing: Writing, lease: LeaseGrant) -> None:
    query = select(leases).where(leases.c.scope == lease.scope)
    row = writing.connection.execute(query).mappings().first()
    if (
        row is None
        or (row["holder"], row["epoch"]) != (lease.holder, lease.epoch)
        or row["expires_at"] <= writing.now
    ):
        raise StaleLeaseError(lease.scope, lease.epoch)


def open_database(url: str, crash: Callable[[str], None] = nowhere) -> Database:
    """Open the database at a URL; create or migrate it if needed.

    Raises:
        StoreUnavailableError: The database cannot be opened, or has a newer version.
    """
    engine = connect(url)
    upgrade(engine)
    return Database(engine, crash)


class Repository(Protocol):
    """Repository that writes in named transactions, with its lease if it has one."""

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Run `work` in one transaction."""
        ...


def transaction(
    name: str, work: Callable[Concatenate[Writing, P], T]
) -> Callable[Concatenate[Any, P], T]:
    """Return a repository method that runs `work` in one named transaction."""

    def method(self: Repository, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.write(name, lambda writing: work(writing, *args, **kwargs))

    method.__doc__ = work.__doc__
    return method
