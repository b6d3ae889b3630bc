"""A vault whose tiers are at their targets, and whose L3 holds too much X and too little Y."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sqlite import new_database
from tests.unit.runs.weights.shop import WeightsShop, shop_at


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[WeightsShop]:
    """Its keeper, with a ledger on disk."""
    opened = shop_at(new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.office.close()
