"""An outbox in a real database file, and destinations in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Connection

from keepers.notifications.notifier import SqlNotifier
from keepers.store.connection import connect
from keepers.store.database import Database
from tests.unit.notifications.outbox import Outbox
from tests.unit.transactions.conftest import clock, empty, ledger, rig

__all__ = ["clock", "empty", "ledger", "rig"]


@pytest.fixture
def notifier(ledger: Database) -> SqlNotifier:
    return SqlNotifier(ledger)


@pytest.fixture
def outbox(ledger: Database) -> Outbox:
    return Outbox(ledger)


@pytest.fixture
def sql(ledger: Database, tmp_path: Path) -> Iterator[Connection]:
    """Connection to the outbox's database; a test's writes are rolled back."""
    del ledger
    engine = connect(f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    with engine.connect() as connection:
        yield connection
    engine.dispose()
