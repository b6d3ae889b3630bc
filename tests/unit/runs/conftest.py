"""Fixtures of tier runs: an in-memory market and a real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.store.runs import RunRepository
from tests.support.sqlite import new_database
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig


@pytest.fixture
def memory() -> Memory:
    """Vault of 1,000: L1 at its target of 100, L2 100 above its target, L3 100 below."""
    return Memory(100 * UNIT, {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)})


@pytest.fixture
def rig(memory: Memory, tmp_path: Path) -> Iterator[TierRunRig]:
    """Rig of tier runs with a database on disk."""
    opened = TierRunRig(memory, new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def separate(rig: TierRunRig) -> None:
    """Give each action a transaction of its own."""
    rig.policy = replace(rig.policy, plan_gas_limit=1)


@pytest.fixture
def nodes(rig: TierRunRig) -> MarketNodes:
    """Nodes of the market's chain."""
    return rig.nodes


@pytest.fixture
def journal(rig: TierRunRig) -> RunRepository:
    """Repository of runs."""
    return rig.journal


@pytest.fixture
def ports(rig: TierRunRig) -> TierRunDependencies:
    """Dependencies of an armed run with the default policy."""
    return rig.ports()
