"""An engine over a chain on paper, on a database file made from a copy that has all tables."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from keepers.store.connection import connect
from keepers.store.database import Database, open_database
from tests.unit.store.ledger.samples import StillClock
from tests.unit.transactions.paper_engine import EngineOnPaper


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows."""
    file = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def clock() -> StillClock:
    """The time of the database, which only tests move."""
    return StillClock()


@pytest.fixture
def ledger(empty: Path, tmp_path: Path, clock: StillClock) -> Iterator[Database]:
    """A copy of it."""
    file = shutil.copy(empty, tmp_path / "ledger.sqlite")
    opened = Database(connect(f"sqlite:///{file}"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def rig(ledger: Database) -> EngineOnPaper:
    """An engine with nothing to do yet."""
    return EngineOnPaper(ledger)
