"""Tests of rolling back a run, which always needs approval."""

from __future__ import annotations

import pytest

from keepers.model.errors.run import NothingToUndoError
from keepers.model.run import RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import roll_back, run_once
from tests.unit.runs.test_approvals import ALICE, sign, values
from tests.unit.runs.tier_run_rig import TierRunRig


async def test_rollback__of_a_done_run__brings_back_what_was_there(rig: TierRunRig) -> None:
    rig.plans.approvers = {ALICE: 1}
    before = values(rig)
    done = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert values(rig) != before
    waiting = await roll_back(rig.ports(), done.run.run_id, armed=True)
    assert waiting.status is RunStatus.OPEN
    sign(rig, waiting.run.run_id, ALICE)
    undone = await run_once(rig.ports(), TriggerKind.MANUAL, armed=True)
    assert (undone.run.run_id, undone.status) == (waiting.run.run_id, RunStatus.DONE)
    assert values(rig) == before


async def test_rollback__of_a_run_that_did_nothing__says_so(rig: TierRunRig) -> None:
    rig.memory.paused = True
    refused = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    with pytest.raises(NothingToUndoError, match="is refused"):
        await roll_back(rig.ports(), refused.run.run_id, armed=True)
