"""Databases of both kinds, and a webhook."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from keepers.adapters.store.ledger.transact import Ledger, open_ledger
from tests.integration.notify.webhook import Webhook, webhook
from tests.integration.sending.conftest import NewDatabase, new_url, postgres_databases

__all__ = ["new_url", "postgres_databases"]


@pytest.fixture
def ledger(new_url: NewDatabase) -> Generator[Ledger]:
    """The ledger of an empty database."""
    opened = open_ledger(new_url())
    yield opened
    opened.close()


@pytest.fixture
def hook() -> Generator[Webhook]:
    """A webhook that takes everything."""
    with webhook() as made:
        yield made
