"""A vault whose tiers are at their targets, and whose L3 holds too much X and too little Y."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sqlite import new_database
from tests.unit.runs.weights.weights_run_rig import WeightsRunRig, shop_at


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[WeightsRunRig]:
    """Its keeper, with a ledger on disk."""
    opened = shop_at(new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.rig.close()
