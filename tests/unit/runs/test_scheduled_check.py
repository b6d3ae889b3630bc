"""Checks by the clock: a run only where there is something new to do or to tell."""

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
from tests.unit.runs.office import POLICY, UNIT, Office

HOUR = 3_600
BALANCED = (300 * UNIT, 600 * UNIT)


async def check(
    office: Office, trigger: TriggerChoice = TriggerKind.THRESHOLD, **changed: Any
) -> RunRecord | None:
    ports = office.ports(**changed)
    return await check_once(ports, trigger, armed=True)


async def test_check__nothing_fires__leaves_no_run(office: Office) -> None:
    assert await check(office, TriggerKind.LIQUIDITY) is None
    assert office.journal.runs("main") == ()
    assert [each.label for each in office.journal.samples("main")] == ["check"]


async def test_check__fires__runs_and_then_is_quiet(office: Office) -> None:
    done = await check(office)
    assert done is not None
    assert done.status is RunStatus.DONE
    assert await check(office) is None
    assert len(office.journal.runs("main")) == 1


async def test_refusal__is_told_once__and_again_when_it_reads_otherwise(office: Office) -> None:
    office.memory.paused = True
    first = await check(office)
    assert first is not None
    assert first.status is RunStatus.REFUSED
    office.clock.seconds += HOUR
    assert await check(office) is None
    office.memory.paused, office.memory.automatic = False, Limit(UNIT, UNIT, 60)
    other = await check(office)
    assert other is not None
    assert "automatic limit" in (other.reason or "")
    office.memory.automatic = Limit(2 * UNIT, 2 * UNIT, 60)
    assert await check(office) is None, "the same but for its numbers"
    assert len(office.journal.runs("main")) == 2


async def test_refusal__a_day_later__is_told_again(office: Office) -> None:
    office.memory.paused = True
    await check(office)
    office.clock.seconds += 24 * HOUR
    assert await check(office) is not None


async def test_refusal__no_longer_holds__runs(office: Office) -> None:
    office.memory.paused = True
    await check(office)
    office.memory.paused = False
    done = await check(office)
    assert done is not None
    assert done.status is RunStatus.DONE


async def test_rejected_by_people__is_not_asked_again_at_every_check(office: Office) -> None:
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    waiting = await check(office, tiers=tiers)
    assert waiting is not None
    assert waiting.status is RunStatus.OPEN
    office.tickets.decide(waiting.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert await check(office, tiers=tiers) is None
    assert await check(office, tiers=tiers) is None
    asked = await check(office, TriggerKind.MANUAL, tiers=tiers)
    assert asked is not None
    assert asked.status is RunStatus.OPEN


async def test_cooldown__holds_back_what_is_not_urgent(office: Office) -> None:
    await check(office)
    office.memory.idle += 300 * UNIT
    assert await check(office, TriggerKind.LIQUIDITY) is None
    office.memory.redemptions_due = 2_000 * UNIT
    urgent = await check(office, TriggerKind.LIQUIDITY)
    assert urgent is not None
    office.memory.redemptions_due = 0
    office.clock.seconds += 901
    office.memory.idle += 900 * UNIT
    assert await check(office, TriggerKind.LIQUIDITY) is not None


async def test_refusal__by_another_trigger__is_the_same(office: Office) -> None:
    office.memory.paused = True
    assert await check(office) is not None
    for trigger in (TriggerKind.SCHEDULED, TriggerKind.THRESHOLD, TriggerKind.SCHEDULED):
        assert await check(office, trigger) is None
    assert len(office.journal.runs("main")) == 1


def two_plans(office: Office) -> None:
    """L1 overflows for the one trigger; the other one finds L2 and L3 off their targets too."""
    memory = office.memory
    memory.idle = 200 * UNIT
    memory.assets["FUND"].balance = 450 * UNIT
    memory.assets["YIELD"].balance = 350 * UNIT


async def test_refusals__of_two_plans_in_turn__are_each_recorded_once(office: Office) -> None:
    two_plans(office)
    office.memory.automatic = Limit(UNIT, UNIT, 60)
    for _ in range(4):
        office.clock.seconds += HOUR
        await check(office, TriggerKind.LIQUIDITY)
        await check(office, TriggerKind.THRESHOLD)
    assert [each.status for each in office.journal.runs("main")] == [RunStatus.REFUSED] * 2


async def test_rejections__of_two_plans_in_turn__are_not_asked_again(office: Office) -> None:
    two_plans(office)
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    for _ in range(4):
        office.clock.seconds += HOUR
        for trigger in (TriggerKind.LIQUIDITY, TriggerKind.THRESHOLD):
            asked = await check(office, trigger, tiers=tiers)
            if asked is not None:
                office.tickets.decide(asked.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert len(office.journal.runs("main")) == 2


async def test_refill__that_fails_in_simulation__is_recorded_once__and_runs_when_it_can(
    office: Office,
) -> None:
    memory = office.memory
    memory.idle, memory.assets["FUND"].balance = 0, 500 * UNIT
    for asset in memory.assets.values():
        asset.reverts = True
    for _ in range(4):
        office.clock.seconds += 300
        await check(office, TriggerKind.LIQUIDITY)
    assert [each.status for each in office.journal.runs("main")] == [RunStatus.FAILED]
    for asset in memory.assets.values():
        asset.reverts = False
    done = await check(office, TriggerKind.LIQUIDITY)
    assert done is not None
    assert done.status is RunStatus.DONE


@pytest.mark.parametrize("trigger", [TriggerKind.THRESHOLD, TriggerKind.SCHEDULED, AUTO])
async def test_trouble__nothing_is_left_to_do__is_over(
    office: Office, trigger: TriggerChoice
) -> None:
    office.memory.paused = True
    await check(office, trigger)
    office.memory.assets["FUND"].balance, office.memory.assets["YIELD"].balance = BALANCED
    assert await check(office, TriggerKind.LIQUIDITY) is None
    assert list(office.over()) == ["run:main"]


@pytest.mark.parametrize("trigger", [TriggerKind.THRESHOLD, TriggerKind.SCHEDULED, AUTO])
async def test_trouble__of_another_trigger__is_not_over(
    office: Office, trigger: TriggerChoice
) -> None:
    office.memory.paused = True
    await check(office, trigger)
    assert await check(office, TriggerKind.LIQUIDITY) is None
    assert office.over() == {}


async def looked(office: Office) -> RunRecord | None:
    return await check_once(office.ports(), TriggerKind.THRESHOLD, armed=False)


async def test_dry_run__nothing_changes__is_recorded_once_a_day(office: Office) -> None:
    first = await looked(office)
    assert first is not None
    assert first.status is RunStatus.DRY_RUN
    for _ in range(3):
        office.clock.seconds += HOUR
        assert await looked(office) is None
    office.clock.seconds += 24 * HOUR
    assert await looked(office) is not None


async def test_dry_run__would_be_refused_now__is_recorded(office: Office) -> None:
    await looked(office)
    office.memory.paused = True
    office.clock.seconds += HOUR
    refused = await looked(office)
    assert refused is not None
    assert refused.status is RunStatus.REFUSED
    office.clock.seconds += HOUR
    assert await looked(office) is None


async def test_dry_run__armed_later__runs(office: Office) -> None:
    await looked(office)
    done = await check(office)
    assert done is not None
    assert done.status is RunStatus.DONE


async def test_dry_run__of_a_person__does_not_ask_again_for_what_was_rejected(
    office: Office,
) -> None:
    tiers = replace(POLICY.tiers, rebalance_approval_threshold=50 * UNIT)
    waiting = await check(office, tiers=tiers)
    assert waiting is not None
    office.tickets.decide(waiting.run.run_id, TicketState.REJECTED, "no", by="bob")
    assert await check(office, tiers=tiers) is None
    dry = await run_once(office.ports(), TriggerKind.MANUAL, armed=False)
    assert dry.status is RunStatus.DRY_RUN
    assert await check(office, tiers=tiers) is None


async def test_dry_run__of_a_person__does_not_end_the_cooldown(office: Office) -> None:
    await check(office)
    office.memory.idle += 300 * UNIT
    assert await check(office, TriggerKind.LIQUIDITY) is None
    dry = await run_once(office.ports(), TriggerKind.MANUAL, armed=False)
    assert dry.status is RunStatus.DRY_RUN
    assert await check(office, TriggerKind.LIQUIDITY) is None
    office.clock.seconds += 901
    assert await check(office, TriggerKind.LIQUIDITY) is not None
