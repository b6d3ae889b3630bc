"""Tests of an interrupted run: only armed runs send its bytes again, until it expires."""

from __future__ import annotations

import pytest

from keepers.model.chain import NodeErrorKind
from keepers.model.errors.run import ArmRequiredError
from keepers.model.run import AttemptStatus, RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.runs.tiers.pipeline import resume, run_once
from keepers.store.runs import RunRepository
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.test_recovery import interrupt
from tests.unit.runs.tier_run_rig import POLICY, TierRunRig
from tests.unit.transactions.paper_chain import paper
from tests.unit.transactions.paper_nodes import refused


@pytest.mark.parametrize("arrived", [True, False])
async def test_run__unarmed_after_interruption__sends_nothing_and_says_so(
    rig: TierRunRig, nodes: MarketNodes, journal: RunRepository, *, arrived: bool
) -> None:
    await interrupt(rig, arrived=arrived)
    nodes.mines = True
    with pytest.raises(ArmRequiredError, match=r"run .* waits for --arm: its transaction 1 is"):
        await run_once(rig.ports(armed=False), TriggerKind.SCHEDULED, armed=False)
    assert nodes.sent == []
    assert journal.open_run_of("main") is not None


@pytest.mark.usefixtures("separate")
async def test_run__unarmed_but_receipt_is_there__settles_it(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    rig.memory.paper.include(await interrupt(rig, arrived=False))
    record = await run_once(rig.ports(armed=False), TriggerKind.SCHEDULED, armed=False)
    assert record.status is RunStatus.DRY_RUN
    assert nodes.sent == []


async def test_run__unarmed_and_nonce_gone__waits(rig: TierRunRig, nodes: MarketNodes) -> None:
    await interrupt(rig, arrived=False)
    rig.stranger(0)
    rig.memory.paper.mine(3)
    with pytest.raises(ArmRequiredError):
        await resume(rig.ports(armed=False), armed=False)
    assert nodes.sent == []


@pytest.mark.parametrize("arrived", [True, False])
async def test_recover__expired__is_cancelled(
    rig: TierRunRig, nodes: MarketNodes, *, arrived: bool
) -> None:
    raw = await interrupt(rig, arrived=arrived)
    rig.clock.seconds += POLICY.plan_expiry_seconds
    rig.clock.on_sleep = rig.memory.paper.mine
    assert await resume(rig.ports(), armed=True) is None
    record = rig.journal.runs("main")[0]
    statuses = [each.status for each in record.steps[0].attempts]
    first = AttemptStatus.REPLACED if arrived else AttemptStatus.REFUSED
    assert statuses == [first, AttemptStatus.CANCELLED]
    assert record.steps[0].status is StepStatus.FAILED
    assert "it had to be sent before" in (record.steps[0].error or "")
    other = [each for each in nodes.sent if each != raw]
    assert {paper(each).decoded.calldata for each in other} == {"0x"}


@pytest.mark.usefixtures("separate")
async def test_run__hopeless_bytes__are_called_off(rig: TierRunRig, nodes: MarketNodes) -> None:
    nodes.faults.append(refused(NodeErrorKind.INVALID))
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.FAILED
    assert "no node accepts it" in (record.reason or "")
    first = [each.status for each in record.steps[0].attempts]
    assert first == [AttemptStatus.REFUSED, AttemptStatus.CANCELLED]
    assert record.steps[1].status is StepStatus.SKIPPED
