"""Regression tests of pipeline defects, on an in-memory market."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from keepers.model.order import OrderKind, TradingRoom
from keepers.model.run import RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from tests.support.sqlite import new_database
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig


@pytest.fixture
def memory() -> Memory:
    """Vault of 1,000: L1 has no cash, L2 has 100 too much."""
    return Memory(0, {"FUND": Asset(1, 400 * UNIT), "YIELD": Asset(2, 600 * UNIT)})


@pytest.fixture
def rig(memory: Memory, tmp_path: Path) -> Iterator[TierRunRig]:
    opened = TierRunRig(memory, new_database(tmp_path / "journal.sqlite"))
    yield opened
    opened.close()


async def test_defect_18_plan_that_does_a_part__is_as_simulated(
    rig: TierRunRig, memory: Memory
) -> None:
    # 40 of 100 can be sold: L1 stays six points below its target, as simulated.
    memory.assets["FUND"].room = TradingRoom(40 * UNIT, None)

    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)

    assert record.status is RunStatus.DONE
    assert memory.holdings()["idle"] == 40 * UNIT
    assert "verification: as simulated" in rig.said
    assert record.stages[-2].detail["alert"] is False


async def test_defect_20_l2_to_l1__is_a_sale_that_runs(rig: TierRunRig, memory: Memory) -> None:
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)

    assert record.status is RunStatus.DONE
    (trade,) = rig.nodes.trades
    assert (trade.kind, trade.symbol) == (OrderKind.SALE, "FUND")
    assert memory.holdings() == {"idle": 100 * UNIT, "FUND": 300 * UNIT, "YIELD": 600 * UNIT}
