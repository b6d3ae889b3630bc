from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, text

from keepers.model.errors.run import StoreUnavailableError
from keepers.store.connection import connect
from keepers.store.runs import open_runs


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    opened = connect(f"sqlite:///{tmp_path / 'new.sqlite'}")
    yield opened
    opened.dispose()


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("postgresql://someone:secret@host/db", "postgresql is not supported"),
        ("a database, please", "is not the URL"),
        ("sqlite+no_such_driver:///x", "sqlite.no_such_driver is not supported"),
        ("sqlite:///:memory:", "must be in a file"),
        ("sqlite:///file:x?mode=memory&uri=true", "must be in a file"),
        (f"sqlite:////{'x' * 300}/x.sqlite", "is not the path of a file"),
        ("sqlite:////\0/x.sqlite", "."),
        ("sqlite:////no/such/folder/x.sqlite", "there is no folder /no/such/folder"),
    ],
)
def test_open_journal__unusable_url__says_why_without_the_url(url: str, problem: str) -> None:
    with pytest.raises(StoreUnavailableError, match=problem) as caught:
        open_runs(url)
    assert "secret" not in str(caught.value)


def test_open_journal__file_is_something_else__says_so(tmp_path: Path) -> None:
    file = tmp_path / "notes.sqlite"
    file.write_text("not a database, but long enough to be looked at" * 10)
    with pytest.raises(StoreUnavailableError, match="not a database"):
        open_runs(f"sqlite:///{file}")


@pytest.mark.parametrize(
    ("pragma", "value"),
    [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", 500)],
)
def test_connections__are_durable_and_checked(engine: Engine, pragma: str, value: object) -> None:
    with engine.connect() as connection:
        assert connection.scalar(text(f"PRAGMA {pragma}")) == value
