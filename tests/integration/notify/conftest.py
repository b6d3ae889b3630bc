"""Databases of both kinds, and a webhook."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection

from keepers.store.connection import connect
from keepers.store.database import Database, database_time, open_database
from tests.integration.notify.webhook import Webhook, webhook
from tests.integration.sending.conftest import NewDatabase, new_url, postgres_databases

__all__ = ["new_url", "postgres_databases"]


@pytest.fixture
def url(new_url: NewDatabase) -> str:
    """The URL of an empty database."""
    return new_url()


@pytest.fixture
def ledger(url: str) -> Generator[Database]:
    """The database."""
    opened = open_database(url)
    yield opened
    opened.close()


@pytest.fixture
def later(url: str) -> Generator[Database]:
    """The same database, with a clock that is an hour ahead."""
    opened = Database(connect(url), clock=in_an_hour)
    yield opened
    opened.close()


def in_an_hour(connection: Connection) -> datetime:
    return database_time(connection) + timedelta(hours=1)


@pytest.fixture
def hook() -> Generator[Webhook]:
    """Webhook that accepts everything."""
    with webhook() as made:
        yield made
