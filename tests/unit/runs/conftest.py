"""A keeper's office around a market on paper, with a real ledger."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.store.runs import RunRepository
from tests.support.sqlite import new_database
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.office import UNIT, Office


@pytest.fixture
def memory() -> Memory:
    """A vault of 1,000: L1 at its target of 100, L2 100 above it, L3 100 below."""
    return Memory(100 * UNIT, {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 500 * UNIT)})


@pytest.fixture
def office(memory: Memory, tmp_path: Path) -> Iterator[Office]:
    """All that a keeper needs, with a ledger on disk."""
    opened = Office(memory, new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.close()


@pytest.fixture
def nodes(office: Office) -> MarketNodes:
    """The market's nodes."""
    return office.nodes


@pytest.fixture
def journal(office: Office) -> RunRepository:
    """The journal of the office's ledger."""
    return office.journal


@pytest.fixture
def ports(office: Office) -> TierRunDependencies:
    """The usual one."""
    return office.ports()
