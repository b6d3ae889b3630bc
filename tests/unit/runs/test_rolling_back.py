"""Undoing a run, with approval always."""

from __future__ import annotations

import pytest

from keepers.model.errors.run import NothingToUndoError
from keepers.model.run import RunStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import roll_back, run_once
from tests.unit.runs.office import Office
from tests.unit.runs.test_approvals import ALICE, sign, values


async def test_rollback__of_a_done_run__brings_back_what_was_there(office: Office) -> None:
    office.plans.approvers = {ALICE: 1}
    before = values(office)
    done = await run_once(office.ports(), TriggerKind.SCHEDULED, armed=True)
    assert values(office) != before
    waiting = await roll_back(office.ports(), done.run.run_id, armed=True)
    assert waiting.status is RunStatus.OPEN
    sign(office, waiting.run.run_id, ALICE)
    undone = await run_once(office.ports(), TriggerKind.MANUAL, armed=True)
    assert (undone.run.run_id, undone.status) == (waiting.run.run_id, RunStatus.DONE)
    assert values(office) == before


async def test_rollback__of_a_run_that_did_nothing__says_so(office: Office) -> None:
    office.memory.paused = True
    refused = await run_once(office.ports(), TriggerKind.SCHEDULED, armed=True)
    with pytest.raises(NothingToUndoError, match="is refused"):
        await roll_back(office.ports(), refused.run.run_id, armed=True)
