"""A new run repository per test; the tables are created once and copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.runs import RunRepository
from tests.support.sqlite import new_database
from tests.unit.store.ledger.samples import StillClock
from tests.unit.store.samples import run, step
from tests.unit.store.sending import Sending


@pytest.fixture
def url(tmp_path: Path) -> str:
    """URL of an empty database."""
    return new_database(tmp_path / "journal.sqlite")


@pytest.fixture
def clock() -> StillClock:
    """Clock of the database that only tests advance."""
    return StillClock()


@pytest.fixture
def ledger(url: str, clock: StillClock) -> Iterator[Database]:
    """Database with this clock."""
    opened = Database(connect(url), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def journal(ledger: Database) -> RunRepository:
    """Run repository whose clock stands still."""
    return RunRepository(ledger)


@pytest.fixture
def sending(ledger: Database) -> Sending:
    """Store of a sender, with its lease."""
    return Sending(ledger)


@pytest.fixture
def sql(url: str) -> Iterator[Connection]:
    """Direct connection to the same database; writes of a test are rolled back."""
    engine = connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def step_id(journal: RunRepository) -> int:
    """Pending step of an open run."""
    journal.open_run(run())
    return journal.add_steps("r1", [step()])[0]
