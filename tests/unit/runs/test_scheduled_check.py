"""Tests of scheduled checks: a run opens only if there is something new to do or report."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from keepers.model.approval import TicketState
from keepers.model.limits import Limit
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.runs.tiers.pipeline import run_once
from keepers.runs.tiers.scheduled_check import check_once
from tests.unit.runs.tier_run_rig import POLICY, UNIT, TierRunRig

pytestmark = pytest.mark.long

HOUR = 3_600
BALANCED = (300 * UNIT, 600 * UNIT)


async def check(
    rig: TierRunRig, trigger: TriggerChoice = TriggerKind.THRESHOLD, **changed: Any
) -> RunRecord | None:
    ports = rig.ports(**changed)
    return await check_once(ports, trigger, armed=True)


async def test_check__nothing_fires__leaves_no_run(rig: TierRunRig) -> None:
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    assert rig.journal.runs("main") == ()
    assert [each.label for each in rig.journal.samples("main")] == ["check"]


async def test_check__fires__runs_and_then_is_quiet(rig: TierRunRig) -> None:
    done = await check(rig)
    assert done is not None
    assert done.status is RunStatus.DONE
    assert await check(rig) is None
    assert len(rig.journal.runs("main")) == 1


async def test_refusal__is_told_once__and_again_when_it_reads_otherwise(rig: TierRunRig) -> None:
    rig.memory.paused = True
    first = await check(rig)
    assert first is not None
    assert first.status is RunStatus.REFUSED
    rig.clock.seconds += HOUR
    assert await check(rig) is None
    rig.memory.paused, rig.memory.automatic = False, Limit(UNIT, UNIT, 60)
    other = await check(rig)
    assert other is not None
    assert "automatic limit" in (other.reason or "")
    rig.memory.automatic = Limit(2 * UNIT, 2 * UNIT, 60)
    assert await check(rig) is None, "the same but for its numbers"
    assert len(rig.journal.runs("main")) == 2


async def test_refusal__a_day_later__is_told_again(rig: TierRunRig) -> None:
    rig.memory.paused = True
    await check(rig)
    rig.clock.seconds += 24 * HOUR
    assert await check(rig) is not None


async def test_refusal__no_longer_holds__runs(rig: TierRunRig) -> None:
    rig.memory.paused = True
    await check(rig)
    rig.memory.paused = False
    done = await check(rig)
    assert done is not None
    assert done.status is RunStatus.DONE


async def test_rejected_by_people__is_not_asked_again_at_every_check(rig: TierRunRig) -> None:
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    waiting = await check(rig, tiers=tiers)
    assert waiting is not None
    assert waiting.status is RunStatus.OPEN
    rig.tickets.decide(waiting.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert await check(rig, tiers=tiers) is None
    assert await check(rig, tiers=tiers) is None
    asked = await check(rig, TriggerKind.MANUAL, tiers=tiers)
    assert asked is not None
    assert asked.status is RunStatus.OPEN


async def test_cooldown__holds_back_what_is_not_urgent(rig: TierRunRig) -> None:
    await check(rig)
    rig.memory.idle += 300 * UNIT
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    rig.memory.redemptions_due = 2_000 * UNIT
    urgent = await check(rig, TriggerKind.LIQUIDITY)
    assert urgent is not None
    rig.memory.redemptions_due = 0
    rig.clock.seconds += 901
    rig.memory.idle += 900 * UNIT
    assert await check(rig, TriggerKind.LIQUIDITY) is not None


async def test_refusal__by_another_trigger__is_the_same(rig: TierRunRig) -> None:
    rig.memory.paused = True
    assert await check(rig) is not None
    for trigger in (TriggerKind.SCHEDULED, TriggerKind.THRESHOLD, TriggerKind.SCHEDULED):
        assert await check(rig, trigger) is None
    assert len(rig.journal.runs("main")) == 1


def two_plans(rig: TierRunRig) -> None:
    """Set values for which LIQUIDITY finds L1 too full, THRESHOLD also L2 and L3 off target."""
    memory = rig.memory
    memory.idle = 200 * UNIT
    memory.assets["FUND"].balance = 450 * UNIT
    memory.assets["YIELD"].balance = 350 * UNIT


async def test_refusals__of_two_plans_in_turn__are_each_recorded_once(rig: TierRunRig) -> None:
    two_plans(rig)
    rig.memory.automatic = Limit(UNIT, UNIT, 60)
    for _ in range(4):
        rig.clock.seconds += HOUR
        await check(rig, TriggerKind.LIQUIDITY)
        await check(rig, TriggerKind.THRESHOLD)
    assert [each.status for each in rig.journal.runs("main")] == [RunStatus.REFUSED] * 2


async def test_rejections__of_two_plans_in_turn__are_not_asked_again(rig: TierRunRig) -> None:
    two_plans(rig)
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    for _ in range(4):
        rig.clock.seconds += HOUR
        for trigger in (TriggerKind.LIQUIDITY, TriggerKind.THRESHOLD):
            asked = await check(rig, trigger, tiers=tiers)
            if asked is not None:
                rig.tickets.decide(asked.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert len(rig.journal.runs("main")) == 2


async def test_refill__that_fails_in_simulation__is_recorded_once__and_runs_when_it_can(
    rig: TierRunRig,
) -> None:
    memory = rig.memory
    memory.idle, memory.assets["FUND"].balance = 0, 500 * UNIT
    for asset in memory.assets.values():
        asset.reverts = True
    for _ in range(4):
        rig.clock.seconds += 300
        await check(rig, TriggerKind.LIQUIDITY)
    assert [each.status for each in rig.journal.runs("main")] == [RunStatus.FAILED]
    for asset in memory.assets.values():
        asset.reverts = False
    done = await check(rig, TriggerKind.LIQUIDITY)
    assert done is not None
    assert done.status is RunStatus.DONE


@pytest.mark.parametrize("trigger", [TriggerKind.THRESHOLD, TriggerKind.SCHEDULED, AUTO])
async def test_trouble__nothing_is_left_to_do__is_over(
    rig: TierRunRig, trigger: TriggerChoice
) -> None:
    rig.memory.paused = True
    await check(rig, trigger)
    rig.memory.assets["FUND"].balance, rig.memory.assets["YIELD"].balance = BALANCED
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    assert list(rig.over()) == ["run:main"]


@pytest.mark.parametrize("trigger", [TriggerKind.THRESHOLD, TriggerKind.SCHEDULED, AUTO])
async def test_trouble__of_another_trigger__is_not_over(
    rig: TierRunRig, trigger: TriggerChoice
) -> None:
    rig.memory.paused = True
    await check(rig, trigger)
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    assert rig.over() == {}


async def looked(rig: TierRunRig) -> RunRecord | None:
    return await check_once(rig.ports(), TriggerKind.THRESHOLD, armed=False)


async def test_dry_run__nothing_changes__is_recorded_once_a_day(rig: TierRunRig) -> None:
    first = await looked(rig)
    assert first is not None
    assert first.status is RunStatus.DRY_RUN
    for _ in range(3):
        rig.clock.seconds += HOUR
        assert await looked(rig) is None
    rig.clock.seconds += 24 * HOUR
    assert await looked(rig) is not None


async def test_dry_run__would_be_refused_now__is_recorded(rig: TierRunRig) -> None:
    await looked(rig)
    rig.memory.paused = True
    rig.clock.seconds += HOUR
    refused = await looked(rig)
    assert refused is not None
    assert refused.status is RunStatus.REFUSED
    rig.clock.seconds += HOUR
    assert await looked(rig) is None


async def test_dry_run__armed_later__runs(rig: TierRunRig) -> None:
    await looked(rig)
    done = await check(rig)
    assert done is not None
    assert done.status is RunStatus.DONE


async def test_dry_run__of_a_person__does_not_ask_again_for_what_was_rejected(
    rig: TierRunRig,
) -> None:
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    waiting = await check(rig, tiers=tiers)
    assert waiting is not None
    rig.tickets.decide(waiting.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert await check(rig, tiers=tiers) is None
    dry = await run_once(rig.ports(), TriggerKind.MANUAL, armed=False)
    assert dry.status is RunStatus.DRY_RUN
    assert await check(rig, tiers=tiers) is None


async def test_dry_run__of_a_person__does_not_end_the_cooldown(rig: TierRunRig) -> None:
    await check(rig)
    rig.memory.idle += 300 * UNIT
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    dry = await run_once(rig.ports(), TriggerKind.MANUAL, armed=False)
    assert dry.status is RunStatus.DRY_RUN
    assert await check(rig, TriggerKind.LIQUIDITY) is None
    rig.clock.seconds += 901
    assert await check(rig, TriggerKind.LIQUIDITY) is not None
