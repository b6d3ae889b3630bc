"""Engine on a simulated chain; its database file is a copy of one that has all tables."""

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
    """Database with all tables and no rows."""
    file = tmp_path_factory.mktemp("ledger") / "empty.sqlite"
    open_database(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def clock() -> StillClock:
    """Clock of the database that only tests advance."""
    return StillClock()


@pytest.fixture
def ledger(empty: Path, tmp_path: Path, clock: StillClock) -> Iterator[Database]:
    """A copy of the empty database."""
    file = shutil.copy(empty, tmp_path / "ledger.sqlite")
    opened = Database(connect(f"sqlite:///{file}"), clock=clock)
    yield opened
    opened.close()


@pytest.fixture
def rig(ledger: Database) -> EngineOnPaper:
    """Engine without any work yet."""
    return EngineOnPaper(ledger)
