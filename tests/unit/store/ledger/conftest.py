"""Each test runs on both databases; the tables are created once for each and copied."""

import shutil
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Connection, Engine, make_url

from keepers.store.connection import connect
from keepers.store.database import Database, open_database
from tests.support.postgres import database, drop, postgres
from tests.unit.store.ledger.samples import StillClock
from tests.unit.store.ledger.story import Story


@pytest.fixture(scope="session")
def server() -> Iterator[Engine]:
    """PostgreSQL server."""
    with postgres() as running:
        yield running


@pytest.fixture(scope="session", params=["sqlite", "postgres"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Kind of database: SQLite or PostgreSQL."""
    return request.param


@pytest.fixture(scope="session")
def migrated(
    dialect: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """URL of a database with all tables and no rows."""
    if dialect == "sqlite":
        url = f"sqlite:///{tmp_path_factory.mktemp('ledger') / 'empty.sqlite'}"
    else:
        url = database(request.getfixturevalue("server"))
    open_database(url).close()
    return url


@pytest.fixture(scope="session")
def new_url(
    dialect: str,
    migrated: str,
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[], str]:
    """Function that copies the empty database and returns the URL of the copy."""
    original = make_url(migrated).database
    assert original is not None

    def copy() -> str:
        if dialect == "postgres":
            return database(request.getfixturevalue("server"), original)
        file = tmp_path_factory.mktemp("copy") / "ledger.sqlite"
        return f"sqlite:///{shutil.copy(original, file)}"

    return copy


@pytest.fixture(scope="session")
def discard(dialect: str, request: pytest.FixtureRequest) -> Callable[[str], None]:
    """Function that removes a copy; pytest removes the files of SQLite."""

    def remove(url: str) -> None:
        if dialect == "postgres":
            drop(request.getfixturevalue("server"), url)

    return remove


@pytest.fixture
def url(new_url: Callable[[], str], discard: Callable[[str], None]) -> Iterator[str]:
    """URL of a copy."""
    made = new_url()
    yield made
    discard(made)


@pytest.fixture
def clock() -> StillClock:
    """Clock of the database that only tests advance."""
    return StillClock()


@pytest.fixture
def ledger(url: str, clock: StillClock) -> Iterator[Database]:
    """Database whose clock only tests advance."""
    opened = Database(connect(url), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def story(ledger: Database) -> Story:
    """A run with a lease on its sender, as the starting point of a test."""
    return Story(ledger)


@pytest.fixture
def sql(url: str) -> Iterator[Connection]:
    """Direct connection to the same database; writes of a test are rolled back."""
    engine = connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()
