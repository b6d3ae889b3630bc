"""Tests of execution: dependants of a failed action are skipped, and no action overspends."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.errors.transaction import NotSettledError
from keepers.model.run import RunRecord, RunStatus, StepRecord, StepStatus
from keepers.model.tier_plan import AUTO, TriggerKind
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.pipeline import run_once
from keepers.store.runs import RunRepository
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.nodes import MarketNodes, reverted, unreachable
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

pytestmark = pytest.mark.long


async def rebalance(ports: TierRunDependencies) -> RunRecord:
    return await run_once(ports, TriggerKind.SCHEDULED, armed=True)


def by_symbol(record: RunRecord) -> dict[str, StepRecord]:
    return {step.step.symbol: step for step in record.steps}


def amount_sent(nodes: MarketNodes, symbol: str) -> tuple[int, int]:
    """Return amount and minimum output of the only call for an asset."""
    (trade,) = [each for each in nodes.trades if each.symbol == symbol]
    return trade.amount, trade.minimum


@pytest.mark.usefixtures("separate")
async def test_run__leg_between_tiers__sells_then_buys(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    record = await rebalance(ports)
    assert record.status is RunStatus.DONE
    assert [each.symbol for each in nodes.trades] == ["FUND", "YIELD"]
    assert memory.holdings() == {"idle": 100 * UNIT, "FUND": 300 * UNIT, "YIELD": 600 * UNIT}


@pytest.mark.usefixtures("separate")
async def test_run__actions__are_under_their_own_deadline_and_gas(rig: TierRunRig) -> None:
    record = await rebalance(rig.ports(plan_expiry_seconds=60, gas_limit=110_000))
    intents = rig.context.store.of_run(record.run.run_id)
    assert [each.intent.gas_cap for each in intents] == [110_000, 110_000]
    assert [each.gas_limit for each in intents] == [110_000, 110_000]
    began = record.run.started_at
    for each in intents:
        assert each.intent.expires_at is not None
        assert (each.intent.expires_at - began).total_seconds() == 60


@pytest.mark.usefixtures("separate")
async def test_run__sale_fails__its_purchase_is_skipped(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    memory.assets["FUND"].estimate_error = reverted()
    record = await rebalance(ports)
    steps = by_symbol(record)
    assert steps["FUND"].status is StepStatus.FAILED
    assert "Nope" in (steps["FUND"].error or "")
    assert steps["YIELD"].status is StepStatus.SKIPPED
    assert steps["YIELD"].error == "needs action 1, which was failed"
    assert record.status is RunStatus.FAILED
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_run__sale_reverts_in_its_block__its_purchase_is_skipped(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    def revert() -> None:
        memory.assets["FUND"].reverts = True

    nodes.after_send = revert
    record = await rebalance(ports)
    steps = by_symbol(record)
    assert (steps["FUND"].status, steps["FUND"].error) == (StepStatus.FAILED, "Nope()")
    assert steps["YIELD"].status is StepStatus.SKIPPED
    assert record.reason == "action 1 failed: Nope()"
    assert len(nodes.sent) == 1


@pytest.mark.usefixtures("separate")
async def test_run__sale_without_an_event__is_not_done(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    memory.assets["FUND"].is_silent = True
    record = await rebalance(ports)
    assert by_symbol(record)["FUND"].error == (
        "included, but the controller emitted no event for it"
    )
    assert record.status is RunStatus.FAILED
    assert len(nodes.sent) == 1


@pytest.mark.usefixtures("separate")
async def test_run__sale_fails__independent_action_goes_on(
    ports: TierRunDependencies, memory: Memory
) -> None:
    # L1 is full: its surplus goes to L3 whether or not the sale from L2 succeeds.
    memory.idle = 250 * UNIT
    memory.assets["CASHLIKE"] = Asset(1, 0)
    memory.assets["FUND"].estimate_error = reverted()
    record = await rebalance(ports)
    assert record.status is RunStatus.PARTIAL
    done = [step for step in record.steps if step.status is StepStatus.DONE]
    assert [(step.step.symbol, step.step.depends_on) for step in done] == [("YIELD", ())]


@pytest.mark.usefixtures("separate")
async def test_run__sale_brings_less_than_quoted__purchase_and_minimum_shrink(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    memory.assets["FUND"].delivered = Fraction(997, 1000)
    record = await rebalance(ports)
    planned = by_symbol(record)["YIELD"].trade
    amount, minimum = amount_sent(nodes, "YIELD")
    assert amount == planned.amount_in * 997 // 1000
    # Rounded up: the planned minimum, 99.5 % of the quote, scaled to the smaller amount.
    assert minimum == -(-planned.minimum_out * amount // planned.amount_in)
    assert memory.holdings()["idle"] == 100 * UNIT


@pytest.mark.usefixtures("separate")
async def test_run__sale_brings_more_than_quoted__purchase_stays_as_planned(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    memory.assets["FUND"].delivered = Fraction(1003, 1000)
    record = await rebalance(ports)
    planned = by_symbol(record)["YIELD"].trade
    assert amount_sent(nodes, "YIELD") == (planned.amount_in, planned.minimum_out)


async def test_run__what_came_in__is_on_record_with_what_it_lost(
    ports: TierRunDependencies, memory: Memory
) -> None:
    # Quoted 99 % of the oracle's value, received 99 % of the quote: 98.01 %, so 199 bps lost.
    memory.assets["FUND"].rate = memory.assets["FUND"].delivered = Fraction(99, 100)
    record = await rebalance(ports)
    outcome = by_symbol(record)["FUND"].attempts[0].outcome
    assert outcome is not None
    assert (outcome.received, outcome.slippage_bps) == (98_010_000, "199")


async def test_run__sale_is_quoted_below_oracle__purchase_is_planned_for_the_proceeds(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    memory.assets["FUND"].rate = Fraction(99, 100)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=False)
    assert by_symbol(record)["YIELD"].trade.amount_in == 99 * UNIT
    assert record.status is RunStatus.DRY_RUN
    assert nodes.sent == []


async def test_run__node_away_before_an_action__waits_and_goes_on(
    ports: TierRunDependencies, memory: Memory, rig: TierRunRig
) -> None:
    def come_back() -> None:
        memory.assets["FUND"].estimate_error = None

    memory.assets["FUND"].estimate_error = unreachable()
    rig.clock.on_sleep = come_back
    assert (await rebalance(ports)).status is RunStatus.DONE


@pytest.mark.usefixtures("separate")
async def test_run__node_away_for_good_before_an_action__stays_open_and_sends_nothing(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes, journal: RunRepository
) -> None:
    memory.assets["FUND"].estimate_error = unreachable()
    with pytest.raises(NotSettledError, match="is queued, and did not reach"):
        await rebalance(ports)
    assert journal.open_run_of("main") is not None
    assert nodes.sent == []


async def test_run__foreign_transaction_pending__sends_nothing(
    ports: TierRunDependencies, rig: TierRunRig, nodes: MarketNodes, journal: RunRepository
) -> None:
    rig.stranger(0)
    rig.memory.paper.reorganise(1, returned=True)
    with pytest.raises(NotSettledError):
        await rebalance(ports)
    assert journal.open_run_of("main") is not None
    assert nodes.sent == []


@pytest.mark.usefixtures("separate")
async def test_run__estimate_above_limit__fails_the_action(
    rig: TierRunRig, nodes: MarketNodes
) -> None:
    record = await rebalance(rig.ports(gas_limit=99_999))
    assert "needs 100000 gas, above the limit of 99999; raise gas_limit" in (record.reason or "")
    assert record.status is RunStatus.FAILED
    assert nodes.sent == []


async def test_run__no_coins_for_gas__is_called_off(
    ports: TierRunDependencies, memory: Memory, nodes: MarketNodes
) -> None:
    # The snapshot shows enough, but the nodes report less.
    memory.paper.balance = 1
    record = await rebalance(ports)
    assert record.status is RunStatus.FAILED
    assert "cancelled: " in (record.reason or "")
    assert "send it native token for gas" in (record.reason or "")
    assert nodes.sent == []


async def test_run__near_target__has_nothing_to_do(ports: TierRunDependencies) -> None:
    await rebalance(ports)
    again = await run_once(ports, AUTO, armed=True)
    assert again.status is RunStatus.NOTHING_TO_DO
    assert again.steps == ()


async def test_run__result_not_as_simulated__alerts(rig: TierRunRig, memory: Memory) -> None:
    # 11 of 1,000 is 1.1 %, above the tolerance of 1 %.
    memory.surprise = 11 * UNIT
    record = await rebalance(rig.ports())
    assert record.status is RunStatus.DONE
    assert "verification: ALERT: not as simulated" in rig.said
    assert record.stages[-2].detail["alert"] is True
