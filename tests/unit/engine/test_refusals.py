"""What stops a run before anything is sent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.adapters.store.journal import SqlJournal
from keepers.domain.errors_chain import UnsupportedNodeError
from keepers.domain.errors_run import JournalUnavailable
from keepers.domain.run import NewAttempt, RunStatus, Stage, StepStatus
from keepers.domain.tier_plan import TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.world import World
from tests.unit.engine.conftest import UNIT, MakeWorld
from tests.unit.engine.market import Memory


async def refusal(world: World, memory: Memory, status: RunStatus) -> str:
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert record.status is status
    assert memory.log == []
    assert all(step.status is StepStatus.SKIPPED for step in record.steps)
    return record.reason or ""


async def test_risk__paused__refuses(world: World, memory: Memory) -> None:
    memory.paused = True
    assert "paused" in await refusal(world, memory, RunStatus.REFUSED)


async def test_risk__keeper_not_allowed__refuses(world: World, memory: Memory) -> None:
    memory.allowed = False
    assert "is not a keeper" in await refusal(world, memory, RunStatus.REFUSED)


async def test_risk__leg_above_block__refuses(world: World, memory: Memory) -> None:
    memory.assets["YIELD"].rate = Fraction(949, 1000)
    reason = await refusal(world, memory, RunStatus.REFUSED)
    assert "purchase of YIELD would lose 510 bps" in reason


async def test_risk__legs_together_above_block__refuses(world: World, memory: Memory) -> None:
    # Each leg loses 3 %, both together nearly 6 % of what is moved.
    memory.assets["FUND"].rate = memory.assets["YIELD"].rate = Fraction(97, 100)
    reason = await refusal(world, memory, RunStatus.REFUSED)
    assert "the plan as a whole would lose 600 bps" in reason


async def test_risk__leg_above_warning__goes_on_and_says_so(
    make_world: MakeWorld, memory: Memory
) -> None:
    said: list[str] = []
    memory.assets["YIELD"].rate = Fraction(97, 100)
    record = await run_once(make_world(said=said), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    expected = "purchase of YIELD is estimated to lose 300 bps against the oracle"
    assert expected in record.stages[1].detail["warnings"]
    assert f"risk: warning: {expected}" in said


async def test_risk__not_enough_gas_for_all_steps__refuses(world: World, memory: Memory) -> None:
    # Two funds, 500,000 gas each, at most 2 wei a unit.
    memory.balance = 2 * 500_000 * 2 - 1
    assert "for gas" in await refusal(world, memory, RunStatus.REFUSED)


async def test_risk__just_enough_gas__goes_on(world: World, memory: Memory) -> None:
    memory.balance = 2 * 500_000 * 2
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE


async def test_approval__manual_plan__refuses(world: World, memory: Memory) -> None:
    record = await run_once(world, TriggerKind.MANUAL, armed=True)
    assert record.status is RunStatus.REFUSED
    assert "needs 1 approval(s)" in (record.reason or "")
    assert record.stages[2].stage is Stage.APPROVAL
    assert memory.log == []


async def test_simulation__action_would_revert__names_it(world: World, memory: Memory) -> None:
    memory.assets["YIELD"].reverts = True
    reason = await refusal(world, memory, RunStatus.FAILED)
    assert reason == "simulation: action 2, purchase of YIELD, fails: Nope(); nothing sent"


async def test_simulation__unavailable__stops(world: World, memory: Memory) -> None:
    memory.simulation_error = UnsupportedNodeError("eth_call", "no state overrides")
    assert "does not support" in await refusal(world, memory, RunStatus.FAILED)


async def test_dry_run__never__sends(world: World, memory: Memory) -> None:
    record = await run_once(world, TriggerKind.SCHEDULED, armed=False)
    assert record.status is RunStatus.DRY_RUN
    assert memory.log == []
    assert {step.status for step in record.steps} == {StepStatus.SKIPPED}


async def test_journal__unavailable_before_sending__nothing_is_sent(
    world: World, memory: Memory, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(step_id: int, attempt: NewAttempt) -> int:
        del step_id, attempt
        raise JournalUnavailable("disk full")

    monkeypatch.setattr(journal, "store_attempt", fail)
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.FAILED
    assert memory.log == []


async def test_journal__order_of_effects__stored_before_sent(
    world: World, memory: Memory, journal: SqlJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = journal.store_attempt

    def noted(step_id: int, attempt: NewAttempt) -> int:
        memory.log.append(f"store {attempt.raw}")
        return store(step_id, attempt)

    monkeypatch.setattr(journal, "store_attempt", noted)
    await run_once(world, TriggerKind.SCHEDULED, armed=True)
    stored, sent = memory.log[0::2], memory.log[1::2]
    assert len(sent) == 2
    assert [each.removeprefix("store ") for each in stored] == [
        each.removeprefix("send ") for each in sent
    ]


async def test_plan__fund_cannot_pay_out__warns_of_the_rest(world: World, memory: Memory) -> None:
    memory.assets["FUND"].room = type(memory.assets["FUND"].room)(40 * UNIT, None)
    record = await run_once(world, TriggerKind.SCHEDULED, armed=True)
    assert record.stages[1].detail["warnings"] == ["60 USDT find no sale now"]
    assert record.steps[0].step.amount == 40 * UNIT
    assert record.status is RunStatus.DONE
    assert record.reason == "60 USDT find no sale now"


@pytest.mark.parametrize("armed", [True, False])
async def test_plan__nothing_can_serve_it__is_refused_with_the_shortfalls(
    world: World, memory: Memory, *, armed: bool
) -> None:
    memory.assets["FUND"].room = type(memory.assets["FUND"].room)(0, None)
    record = await run_once(world, TriggerKind.SCHEDULED, armed=armed)
    assert record.status is RunStatus.REFUSED
    assert record.reason == "nothing of the plan can be traded: 100 USDT find no sale now"
