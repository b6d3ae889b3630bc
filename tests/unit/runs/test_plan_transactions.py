"""Tests of plans in one transaction: each action has a result of its own; none overspends."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest

from keepers.model.errors.transaction import KeyReusedError, NotSettledError
from keepers.model.run import RunRecord, RunStatus, Stage, StepRecord, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.model.transaction_records import NewCall, NewPlanStep
from keepers.runs.results import detail_of
from keepers.runs.tiers.pipeline import resume, run_once
from keepers.store.database import nowhere
from tests.unit.runs.killing import Killed, killing_at
from tests.unit.runs.market import Asset, Memory
from tests.unit.runs.nodes import MarketNodes, unreachable
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig

pytestmark = pytest.mark.long

ON_TARGET = {"idle": 100 * UNIT, "FUND": 300 * UNIT, "YIELD": 600 * UNIT}


async def rebalance(rig: TierRunRig, **policy: Any) -> RunRecord:
    return await run_once(rig.ports(**policy), TriggerKind.SCHEDULED, armed=True)


def by_symbol(record: RunRecord) -> dict[str, StepRecord]:
    return {step.step.symbol: step for step in record.steps}


async def test_plan__sale_and_purchase__are_one_transaction(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    record = await rebalance(rig)
    assert record.status is RunStatus.DONE
    assert memory.holdings() == ON_TARGET
    assert len(nodes.sent) == 1
    (transaction,) = record.transactions
    assert [each.attempts[0].attempt for each in record.steps] == [transaction.attempt] * 2
    assert [each.attempts[0].outcome.received for each in record.steps] == [100 * UNIT] * 2  # type: ignore[union-attr]


async def test_plan__gas__is_counted_once(rig: TierRunRig) -> None:
    record = await rebalance(rig)
    (transaction,) = record.transactions
    assert transaction.inclusion is not None
    summary, execution = detail_of(record, Stage.RECORD), detail_of(record, Stage.EXECUTION)
    assert summary is not None
    assert execution is not None
    assert summary["gas_used"] == transaction.inclusion.gas_used > 0
    assert [each["gas_used"] for each in execution["results"]] == [None, None]


async def test_plan__simulation__stores_the_transactions(rig: TierRunRig) -> None:
    record = await rebalance(rig)
    detail = detail_of(record, Stage.SIMULATION)
    assert detail is not None
    assert detail["transactions"] == [{"actions": [0, 1], "gas": 1}]


async def test_plan__sale_fails_in_its_block__purchase_fails_with_it(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    def refuse() -> None:
        memory.assets["FUND"].reverts = True

    nodes.after_send = refuse
    before = memory.holdings()
    record = await rebalance(rig)
    assert memory.holdings() == before
    assert [each.status for each in record.steps] == [StepStatus.FAILED] * 2
    assert (record.status, record.reason) == (RunStatus.FAILED, "action 1 failed: Nope()")


async def test_plan__one_of_independent_actions_fails__others_are_done(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    memory.idle = 300 * UNIT  # L1 gives to both tiers
    memory.assets["FUND"].balance = 200 * UNIT
    memory.assets["YIELD"].balance = 500 * UNIT

    def refuse() -> None:
        memory.assets["FUND"].reverts = True

    nodes.after_send = refuse
    record = await rebalance(rig)
    steps = by_symbol(record)
    assert len(nodes.sent) == 1
    assert (steps["FUND"].status, steps["FUND"].error) == (StepStatus.FAILED, "Nope()")
    assert steps["YIELD"].status is StepStatus.DONE
    assert record.status is RunStatus.PARTIAL
    assert memory.holdings()["FUND"] == 200 * UNIT
    assert memory.holdings()["YIELD"] > 500 * UNIT


async def test_plan__no_action_can_be_executed_any_more__is_not_signed(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    def refuse() -> None:
        memory.assets["FUND"].reverts = rig.journal.runs("main")[0].steps != ()

    nodes.before_view = refuse
    record = await rebalance(rig)
    assert record.status is RunStatus.FAILED
    assert nodes.sent == []
    errors = [each.error for each in record.steps]
    assert errors == ["none of its actions can be executed any more"] * 2


@pytest.mark.parametrize("delivered", [Fraction(997, 1000), Fraction(1003, 1000)])
async def test_plan__sale_brings_something_else__purchase_spends_at_most_that(
    rig: TierRunRig, memory: Memory, delivered: Fraction
) -> None:
    memory.assets["FUND"].delivered = delivered
    record = await rebalance(rig)
    planned = by_symbol(record)["YIELD"].trade.amount_in
    spent = min(planned, int(planned * delivered))
    assert memory.holdings()["YIELD"] == 500 * UNIT + spent
    assert memory.holdings()["idle"] >= 100 * UNIT


async def test_plan__action_fails_only_with_others__is_left_out_before_sending(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    memory.idle = 300 * UNIT
    memory.assets = {
        "FUND": Asset(1, 200 * UNIT),
        "YIELD": Asset(2, 500 * UNIT, fails_together=True),
    }
    record = await rebalance(rig)
    steps = by_symbol(record)
    assert steps["FUND"].status is StepStatus.DONE
    assert steps["YIELD"].status is StepStatus.SKIPPED
    assert "in one transaction with the others" in (steps["YIELD"].error or "")
    assert len(nodes.sent) == 1


async def test_plan__market_of_one_action_is_away__others_are_sent(
    rig: TierRunRig, memory: Memory, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory.idle = 300 * UNIT
    memory.assets["FUND"].balance = 200 * UNIT
    simulate = memory.simulate

    async def simulate_and_leave(*given: object) -> object:
        found = await simulate(*given)  # type: ignore[arg-type]
        monkeypatch.setattr(memory, "terms", terms)
        return found

    async def terms(*given: object, **_: object) -> bytes:
        if given[1].symbol == "FUND":  # type: ignore[attr-defined]
            raise unreachable()
        return b""

    monkeypatch.setattr(memory, "simulate", simulate_and_leave)
    record = await rebalance(rig)
    steps = by_symbol(record)
    assert steps["FUND"].status is StepStatus.FAILED
    assert steps["YIELD"].status is StepStatus.DONE


async def test_plan__too_little_gas_for_all__is_split_by_priority(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    record = await rebalance(rig, plan_gas_limit=100_000)
    assert record.status is RunStatus.DONE
    assert [each.symbol for each in nodes.trades] == ["FUND", "YIELD"]
    assert memory.holdings() == ON_TARGET


async def test_plan__pending_while_the_process_ends__is_settled_by_the_next(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    nodes.mines = False
    with pytest.raises(NotSettledError):
        await rebalance(rig)
    (open_run,) = rig.journal.runs("main")
    assert [each.status for each in open_run.steps] == [StepStatus.SENDING] * 2
    memory.paper.mine()
    assert await resume(rig.ports(), armed=True) is None
    (closed,) = rig.journal.runs("main")
    assert [each.status for each in closed.steps] == [StepStatus.DONE] * 2
    assert memory.holdings() == ON_TARGET
    assert len(set(nodes.sent)) == 1


async def test_plan__fifteen_confirmations_of_twelve_seconds__take_less_than_five_minutes(
    rig: TierRunRig, memory: Memory
) -> None:
    """`RebalanceSlow` warns about a run that takes longer than five minutes."""
    rig.nodes.final_depth, begun = 64, memory.paper.head.number

    def tick() -> None:
        while memory.paper.head.number - begun < rig.clock.seconds // 12:
            memory.paper.mine()

    rig.clock.on_sleep = tick
    ports = rig.ports(confirmations=15, confirmation_timeout_seconds=300)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert 14 * 12 <= rig.clock.seconds < 300


@pytest.mark.parametrize("point", ["inside_submit_plan", "after_submit_plan", "after_include"])
async def test_plan__killed__is_done_once(rig: TierRunRig, memory: Memory, point: str) -> None:
    killing_at(rig, point)
    with pytest.raises(Killed):
        await rebalance(rig)
    rig.on_point = nowhere
    await rebalance(rig)
    assert memory.holdings() == ON_TARGET
    assert all(run.status is not RunStatus.OPEN for run in rig.journal.runs("main"))


@pytest.mark.parametrize("returned", [True, False])
async def test_plan__block_is_replaced__is_included_again_and_done(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes, *, returned: bool
) -> None:
    times: list[int] = []

    def reorganise() -> None:
        times.append(1)
        if len(times) == 1:
            nodes.chain.reorganise(1, returned=returned)

    nodes.after_send = reorganise
    rig.clock.on_sleep = memory.paper.mine
    record = await run_once(rig.ports(confirmations=3), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    assert memory.holdings() == ON_TARGET
    assert len(set(nodes.sent)) == 1


async def test_plan__action_ends_otherwise_after_a_reorganisation__run_says_so(
    rig: TierRunRig, memory: Memory, nodes: MarketNodes
) -> None:
    times: list[int] = []

    def reorganise() -> None:
        times.append(1)
        if len(times) == 1:
            nodes.chain.reorganise(1, returned=True)
            memory.assets["YIELD"].reverts = True

    nodes.after_send = reorganise
    rig.clock.on_sleep = memory.paper.mine
    record = await run_once(rig.ports(confirmations=3), TriggerKind.SCHEDULED, armed=True)
    steps = by_symbol(record)
    assert (steps["FUND"].status, steps["YIELD"].status) == (StepStatus.DONE, StepStatus.FAILED)
    assert record.status is RunStatus.PARTIAL


async def test_submit_plan__same_key_with_another_call__is_refused(rig: TierRunRig) -> None:
    record = await rebalance(rig)
    store = rig.context.store
    (intent,) = store.of_run(record.run.run_id)
    known = intent.intent
    plan = NewPlanStep(run_id=record.run.run_id, detail={"indices": []}, carried=())
    store.acquire()
    same: dict[str, Any] = {name: getattr(known, name) for name in NewCall.__dataclass_fields__}
    call = NewCall(**same)
    assert store.submit_plan(plan, call) == intent.intent_id
    with pytest.raises(KeyReusedError):
        store.submit_plan(plan, replace(call, calldata="0x00"))
