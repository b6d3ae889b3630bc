"""A fresh journal per test; the tables are made once and copied."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from keepers.adapters.store.connection import connect
from keepers.adapters.store.journal import SqlJournal, open_journal
from tests.unit.store.samples import NOON, run, step


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and no rows."""
    file = tmp_path_factory.mktemp("store") / "empty.sqlite"
    open_journal(f"sqlite:///{file}").close()
    return file


@pytest.fixture
def url(migrated: Path, tmp_path: Path) -> str:
    """The URL of a copy of it."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path / 'journal.sqlite')}"


@pytest.fixture
def journal(url: str) -> Iterator[SqlJournal]:
    """A journal whose clock stands still."""
    opened = SqlJournal(connect(url), clock=lambda: NOON)
    yield opened
    opened.close()


@pytest.fixture
def sql(url: str) -> Iterator[Connection]:
    """The database behind the journal's back; what a test writes is rolled back."""
    engine = connect(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def step_id(journal: SqlJournal) -> int:
    """A pending step of an open run."""
    journal.open_run(run())
    return journal.add_steps("r1", [step()])[0]
