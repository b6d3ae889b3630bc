"""Fixture of a vault with tiers at their targets, and too much X and too little Y in L3."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.sqlite import new_database
from tests.unit.runs.weights.weights_run_rig import WeightsRunRig, shop_at


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[WeightsRunRig]:
    """Keeper of the vault, with a database on disk."""
    opened = shop_at(new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.rig.close()
