"""Empty databases of both kinds."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.support.postgres import memory, prepared
from tests.support.sqlite import new_database

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def postgres_databases() -> Generator[NewDatabase]:
    """Function that creates databases with all tables on a server."""
    with prepared() as new_database:
        yield new_database


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(request: pytest.FixtureRequest) -> Generator[NewDatabase]:
    """Function that creates databases with all tables, in memory if possible; returns URLs."""
    if request.param == "postgres":
        yield request.getfixturevalue("postgres_databases")
        return
    numbers = count()
    with TemporaryDirectory(prefix="ballast-sqlite-", dir=memory()) as folder:
        yield lambda: new_database(Path(folder) / f"{next(numbers)}.sqlite")
