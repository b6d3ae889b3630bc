"""Empty databases of both kinds."""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import make_url

from keepers.adapters.store.ledger.transact import open_ledger
from tests.support.postgres import database, postgres
from tests.support.sqlite import new_database

NewDatabase = Callable[[], str]


@pytest.fixture(scope="session")
def postgres_databases() -> Generator[NewDatabase]:
    """Makes databases on a server, copies of one that has all tables."""
    with postgres() as server:
        original = database(server)
        open_ledger(original).close()
        template = make_url(original).database
        assert template is not None
        yield lambda: database(server, template)


@pytest.fixture(params=["sqlite", "postgres"])
def new_url(request: pytest.FixtureRequest, tmp_path: Path) -> NewDatabase:
    """Makes empty databases with all tables; gives their URLs."""
    if request.param == "postgres":
        return request.getfixturevalue("postgres_databases")
    numbers = count()
    return lambda: new_database(tmp_path / f"{next(numbers)}.sqlite")
