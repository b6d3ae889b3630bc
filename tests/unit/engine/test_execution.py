"""What depends on a failed action is left out, the rest goes on, and nobody overspends."""

from __future__ import annotations

from fractions import Fraction

from keepers.domain.run import RunRecord, RunStatus, StepRecord, StepStatus
from keepers.domain.tier_plan import AUTO, TriggerKind
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.world import World
from tests.unit.engine.conftest import UNIT, MakeWorld
from tests.unit.engine.market import Asset, Memory, reverted, unreachable


async def rebalance(world: World) -> RunRecord:
    return await run_once(world, TriggerKind.SCHEDULED, armed=True)


def by_symbol(record: RunRecord) -> dict[str, StepRecord]:
    return {step.step.symbol: step for step in record.steps}


def amount_sent(memory: Memory, symbol: str) -> tuple[int, int]:
    """Amount and minimum output of the one call for an asset."""
    (line,) = [each for each in memory.log if f":{symbol}:" in each]
    amount, minimum = line.rstrip('"}').split(":")[-2:]
    return int(amount), int(minimum)


async def test_run__leg_between_tiers__sells_then_buys(world: World, memory: Memory) -> None:
    record = await rebalance(world)
    assert record.status is RunStatus.DONE
    assert (memory.idle, memory.assets["FUND"].balance, memory.assets["YIELD"].balance) == (
        100 * UNIT,
        300 * UNIT,
        600 * UNIT,
    )


async def test_run__sale_fails__its_purchase_is_skipped(world: World, memory: Memory) -> None:
    memory.assets["FUND"].estimate_error = reverted()
    record = await rebalance(world)
    steps = by_symbol(record)
    assert steps["FUND"].status is StepStatus.FAILED
    assert steps["YIELD"].status is StepStatus.SKIPPED
    assert steps["YIELD"].error == "needs action 1, which was failed"
    assert record.status is RunStatus.FAILED
    assert memory.log == []


async def test_run__sale_fails__independent_action_goes_on(world: World, memory: Memory) -> None:
    # L1 is full: its surplus goes to L3 whatever becomes of the sale of L2's.
    memory.idle = 250 * UNIT
    memory.assets["CASHLIKE"] = Asset(1, 0)
    memory.assets["FUND"].estimate_error = reverted()
    record = await rebalance(world)
    assert record.status is RunStatus.PARTIAL
    done = [step for step in record.steps if step.status is StepStatus.DONE]
    assert [(step.step.symbol, step.step.depends_on) for step in done] == [("YIELD", ())]


async def test_run__sale_brings_less_than_quoted__purchase_and_minimum_shrink(
    world: World, memory: Memory
) -> None:
    memory.assets["FUND"].delivered = Fraction(997, 1000)
    record = await rebalance(world)
    planned = by_symbol(record)["YIELD"].step
    amount, minimum = amount_sent(memory, "YIELD")
    assert amount == planned.amount_in * 997 // 1000
    # Rounded up: 99.5 % of the quote, times what is left of the amount.
    assert minimum == -(-planned.minimum_out * amount // planned.amount_in)
    assert memory.idle == 100 * UNIT


async def test_run__sale_brings_more_than_quoted__purchase_stays_as_planned(
    world: World, memory: Memory
) -> None:
    memory.assets["FUND"].delivered = Fraction(1003, 1000)
    record = await rebalance(world)
    planned = by_symbol(record)["YIELD"].step
    assert amount_sent(memory, "YIELD") == (planned.amount_in, planned.minimum_out)


async def test_run__sale_is_quoted_below_oracle__purchase_is_planned_for_the_proceeds(
    world: World, memory: Memory
) -> None:
    memory.assets["FUND"].rate = Fraction(99, 100)
    record = await run_once(world, TriggerKind.SCHEDULED, armed=False)
    assert by_symbol(record)["YIELD"].step.amount_in == 99 * UNIT
    assert record.status is RunStatus.DRY_RUN
    assert memory.log == []


async def test_run__node_away_before_an_action__fails_it_and_sends_nothing(
    world: World, memory: Memory
) -> None:
    memory.assets["FUND"].estimate_error = unreachable()
    record = await rebalance(world)
    assert record.status is RunStatus.FAILED
    assert "does not answer" in (record.reason or "")
    assert memory.log == []


async def test_run__foreign_transaction_pending__sends_nothing(
    world: World, memory: Memory
) -> None:
    memory.pending = 1
    record = await rebalance(world)
    assert record.status is RunStatus.FAILED
    assert "not in the journal" in (record.reason or "")
    assert memory.log == []


async def test_run__estimate_above_limit__fails_the_action(make_world: MakeWorld) -> None:
    record = await rebalance(make_world(gas_limit=99_999))
    assert "REBALANCE_GAS_LIMIT" in (record.reason or "")


async def test_run__near_target__has_nothing_to_do(world: World) -> None:
    await rebalance(world)
    again = await run_once(world, AUTO, armed=True)
    assert again.status is RunStatus.NOTHING_TO_DO
    assert again.steps == ()


async def test_run__result_not_as_simulated__alerts(make_world: MakeWorld, memory: Memory) -> None:
    said: list[str] = []
    # 11 of 1,000 is 1.1 %, above the tolerance of 1 %.
    memory.surprise = 11 * UNIT
    record = await rebalance(make_world(said=said))
    assert record.status is RunStatus.DONE
    assert "verification: ALERT: not as simulated" in said
    assert record.stages[-2].detail["alert"] is True
