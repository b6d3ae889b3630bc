"""A fresh journal per test; the tables are made once and copied."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from keepers.adapters.store.connection import connect
from keepers.adapters.store.journal import SqlJournal
from tests.support.sqlite import new_database
from tests.unit.store.samples import NOON, run, step


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The URL of an empty database."""
    return new_database(tmp_path / "journal.sqlite")


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
