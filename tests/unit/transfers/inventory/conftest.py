"""The inventory on simulated chains, on a copy of a database that has all tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.transfers.conftest import empty, new_file
from tests.unit.transfers.inventory.paper import PaperInventory

__all__ = ["empty", "inventory", "new_file"]


@pytest.fixture
def inventory(new_file: Callable[[], Path]) -> PaperInventory:
    """Two chains at their bases."""
    return PaperInventory(new_file())
