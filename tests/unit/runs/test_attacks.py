"""Test of a reorganisation that removes a finished run, and of the next run."""

from __future__ import annotations

import pytest

from keepers.model.run import RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import run_once
from tests.unit.runs.market import Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.tier_run_rig import TierRunRig


@pytest.mark.usefixtures("separate")
async def test_run__after_a_reorganisation_of_the_run_before__does_not_do_it_again(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    first = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert first.status is RunStatus.DONE
    wanted = memory.holdings()
    memory.paper.reorganise(memory.paper.head.number, returned=False)
    assert memory.holdings() != wanted
    second = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert second.status is RunStatus.NOTHING_TO_DO
    assert memory.holdings() == wanted
    assert len(set(nodes.sent)) == 2, "the same bytes as before, and no others"
