"""Database access: reads, and named transactions that a lease fences."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy import URL, Connection, Engine, select, text

from keepers.model.errors.transaction import StaleLeaseError, WrongLeaseError
from keepers.model.transactions.records import LeaseGrant
from keepers.store.connection import Transactions, connect
from keepers.store.migrate import upgrade
from keepers.store.tables import leases

NOW = {
    "sqlite": text("SELECT strftime('%Y-%m-%dT%H:%M:%f', 'now')"),
    "postgresql": text(
        "SELECT to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US')"
    ),
}


def database_time(connection: Connection) -> datetime:
    """What time it is; not that of this machine, which may be another for each keeper."""
    spelled = connection.execute(NOW[connection.dialect.name]).scalar_one()
    return datetime.fromisoformat(spelled).replace(tzinfo=UTC)


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Writing:
    """A transaction under way: its name, the database's time, and the lease that it was let in by.

    Only `Ledger.transact` makes one.
    """

    connection: Connection
    name: str
    now: datetime
    lease: LeaseGrant | None

    def require(self, scope: str) -> None:
        """Refuse to write about what the lease is not for.

        Raises:
            WrongLeaseError: The lease is on something else, or there is none.
        """
        held = None if self.lease is None else self.lease.scope
        if held != scope:
            raise WrongLeaseError(scope, held)


def nowhere(point: str) -> None:
    """A crash point that nobody asked for."""
    del point


class Database:
    """Runs transactions; every method may raise `StoreUnavailableError`."""

    def __init__(
        self,
        engine: Engine,
        crash: Callable[[str], None] = nowhere,
        clock: Callable[[Connection], datetime] = database_time,
    ) -> None:
        self._database = Transactions(engine)
        self._crash = crash
        self._clock = clock

    @property
    def url(self) -> URL:
        """Where the database is."""
        return self._database.engine.url

    def transact(
        self, name: str, work: Callable[[Writing], T], lease: LeaseGrant | None = None
    ) -> T:
        """Do work in one transaction; without a lease it can claim, plan and note, but not send.

        The lease is checked first, and nobody writes beside this transaction: so what is committed
        was written while the lease was held.

        Raises:
            StaleLeaseError: The lease is over.
            StoreRefusedError: A rule of the database was broken; nothing was written.
        """
        self._crash(f"before_{name}")
        with self._database.write() as connection:
            writing = Writing(connection, name, self._clock(connection), lease)
            if lease is not None:
                _check(writing, lease)
            result = work(writing)
            self._crash(f"inside_{name}")
        self._crash(f"after_{name}")
        return result

    def reading(self) -> AbstractContextManager[Connection]:
        """A transaction that only reads, and sees one state throughout."""
        return self._database.read()

    def read(self, work: Callable[[Connection], T]) -> T:
        """Do work that only reads, on one state of the database."""
        with self._database.read() as connection:
            return work(connection)

    def now(self) -> datetime:
        """The time of the database."""
        with self._database.read() as connection:
            return self._clock(connection)

    def close(self) -> None:
        """Let go of the database; the ledger can be opened again."""
        self._database.engine.dispose()


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
    """The ledger at a database's URL, made or brought up to date where that is needed.

    Raises:
        StoreUnavailableError: The database cannot be opened, or is of a newer version.
    """
    engine = connect(url)
    upgrade(engine)
    return Database(engine, crash)
