"""Tests of the conditions that stop a run before anything is sent."""

from __future__ import annotations

from fractions import Fraction

import pytest

from keepers.model.errors.chain import UnsupportedNodeError
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.limits import Limit
from keepers.model.order import OrderKind
from keepers.model.run import AttemptStatus, RunStatus, Stage, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.model.transaction_records import SignedBytes
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.pipeline import run_once
from tests.unit.runs.market import Memory
from tests.unit.runs.nodes import MarketNodes
from tests.unit.runs.tier_run_rig import UNIT, TierRunRig
from tests.unit.transactions.paper_chain import GWEI

pytestmark = pytest.mark.long

FIRST_FEE = 2 * 10 * GWEI + GWEI
"""Twice the base fee of the in-memory chain plus its tip."""


async def refusal(ports: TierRunDependencies, memory: Memory, status: RunStatus) -> str:
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is status
    assert not any(True for _ in memory.paper.included())
    assert memory.paper.pool == {}
    assert all(step.status is StepStatus.SKIPPED for step in record.steps)
    return record.reason or ""


async def test_risk__paused__refuses(ports: TierRunDependencies, memory: Memory) -> None:
    memory.paused = True
    assert "paused" in await refusal(ports, memory, RunStatus.REFUSED)


async def test_risk__keeper_not_allowed__refuses(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.automatic = Limit(0, 0, 86_400)
    assert "is not a keeper" in await refusal(ports, memory, RunStatus.REFUSED)


@pytest.mark.parametrize(
    ("field", "limit", "words"),
    [
        (
            "automatic",
            Limit(400 * UNIT, 100 * UNIT - 1, 400),
            ("buys 100 USDT", "automatic limit of keeper 0x", "allows 99.999999 USDT now"),
        ),
        (
            "automatic",
            Limit(400 * UNIT, 40 * UNIT, 400),
            ("400 USDT when full", "this amount at 2030-01-01 00:01:00+00:00"),
        ),
        (
            "reducing",
            Limit(60 * UNIT, 60 * UNIT, 400),
            ("sells 100 USDT", "risk-reducing limit of keeper", "never this amount at once"),
        ),
        ("loss_adding", Limit(UNIT, UNIT - 1, 400), ("loses about 1 USDT", "add risk")),
        ("loss_reducing", Limit(UNIT, UNIT - 1, 400), ("loses about 1 USDT", "reduce risk")),
    ],
)
async def test_risk__plan_beyond_a_limit__says_which_and_when(
    ports: TierRunDependencies, memory: Memory, field: str, limit: Limit, words: tuple[str, ...]
) -> None:
    if field.startswith("loss"):
        memory.assets["YIELD" if field == "loss_adding" else "FUND"].rate = Fraction(99, 100)
    setattr(memory, field, limit)
    reason = await refusal(ports, memory, RunStatus.REFUSED)
    for word in words:
        assert word in reason


@pytest.mark.parametrize("field", ["automatic", "reducing"])
async def test_risk__plan_that_empties_a_limit__goes_on(
    ports: TierRunDependencies, memory: Memory, field: str
) -> None:
    setattr(memory, field, Limit(100 * UNIT, 100 * UNIT, 400))
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE


async def test_risk__paused_and_nothing_to_buy__goes_on(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.paused, memory.idle = True, 0
    memory.assets["YIELD"].balance = 600 * UNIT
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert {step.step.kind for step in record.steps} == {str(OrderKind.SALE)}
    assert record.status is RunStatus.DONE


async def test_plan__asset_near_its_cap__is_bought_up_to_it_only(
    ports: TierRunDependencies, memory: Memory
) -> None:
    # The cap is 55 % of 1,000, and a margin of 50 basis points of it stays unused.
    memory.assets["YIELD"].cap_bps = 5_500
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    bought = [
        step.step.amount for step in record.steps if step.step.kind == str(OrderKind.PURCHASE)
    ]
    assert bought == [547_250_000 - 500 * UNIT]


async def test_risk__leg_above_block__refuses(ports: TierRunDependencies, memory: Memory) -> None:
    memory.assets["YIELD"].rate = Fraction(949, 1000)
    reason = await refusal(ports, memory, RunStatus.REFUSED)
    assert "purchase of YIELD would lose 510 bps" in reason


async def test_risk__legs_together_above_block__refuses(
    ports: TierRunDependencies, memory: Memory
) -> None:
    # Each leg loses 3 %, both together nearly 6 % of the amount moved.
    memory.assets["FUND"].rate = memory.assets["YIELD"].rate = Fraction(97, 100)
    reason = await refusal(ports, memory, RunStatus.REFUSED)
    assert "the plan as a whole would lose 600 bps" in reason


async def test_risk__leg_above_warning__goes_on_and_says_so(
    ports: TierRunDependencies, rig: TierRunRig, memory: Memory
) -> None:
    memory.assets["YIELD"].rate = Fraction(97, 100)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    expected = "purchase of YIELD is estimated to lose 300 bps against the oracle"
    assert expected in record.stages[1].detail["warnings"]
    assert f"risk: warning: {expected}" in rig.said


async def test_risk__not_enough_gas_for_all_steps__refuses(
    ports: TierRunDependencies, memory: Memory
) -> None:
    # Two funds need a gas limit of 750,000 each.
    memory.balance = 2 * 750_000 * FIRST_FEE - 1
    assert "for gas" in await refusal(ports, memory, RunStatus.REFUSED)


async def test_risk__just_enough_gas__goes_on(ports: TierRunDependencies, memory: Memory) -> None:
    memory.balance = 2 * 750_000 * FIRST_FEE
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE


async def test_risk__gas_above_the_cap__refuses(ports: TierRunDependencies, memory: Memory) -> None:
    memory.paper.base_fee = 201 * GWEI
    reason = await refusal(ports, memory, RunStatus.REFUSED)
    assert f"gas costs {201 * GWEI} wei, above the cap of {200 * GWEI}" in reason


async def test_approval__manual_plan__waits(ports: TierRunDependencies, nodes: MarketNodes) -> None:
    record = await run_once(ports, TriggerKind.MANUAL, armed=True)
    assert record.status is RunStatus.OPEN
    assert record.stages[2].stage is Stage.APPROVAL
    assert nodes.sent == []


async def test_simulation__action_would_revert__names_it(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.assets["YIELD"].reverts = True
    reason = await refusal(ports, memory, RunStatus.FAILED)
    assert reason == "simulation: action 2, purchase of YIELD, fails: Nope(); nothing was sent"


async def test_simulation__unavailable__stops(ports: TierRunDependencies, memory: Memory) -> None:
    memory.simulation_error = UnsupportedNodeError("eth_call", "no state overrides")
    assert "does not support" in await refusal(ports, memory, RunStatus.FAILED)


async def test_dry_run__never__sends(ports: TierRunDependencies, nodes: MarketNodes) -> None:
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=False)
    assert record.status is RunStatus.DRY_RUN
    assert nodes.sent == []
    assert {step.status for step in record.steps} == {StepStatus.SKIPPED}


async def test_ledger__unavailable_before_sending__nothing_is_sent(
    ports: TierRunDependencies,
    rig: TierRunRig,
    nodes: MarketNodes,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(slot_id: int, signed: SignedBytes) -> int:
        del slot_id, signed
        raise StoreUnavailableError("disk full")

    monkeypatch.setattr(rig.context.store, "store", fail)
    with pytest.raises(StoreUnavailableError, match="disk full"):
        await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert nodes.sent == []
    record = await run_once(rig.ports(), TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    (interrupted,) = (each for each in rig.journal.runs() if each.status is RunStatus.INTERRUPTED)
    assert interrupted.steps[0].attempts == ()


@pytest.mark.usefixtures("separate")
async def test_ledger__order_of_effects__stored_before_sent(
    ports: TierRunDependencies, rig: TierRunRig, nodes: MarketNodes
) -> None:
    stored: list[tuple[str | None, AttemptStatus]] = []

    def look() -> None:
        record = rig.journal.open_run_of("main")
        assert record is not None
        newest = [each for step in record.steps for each in step.attempts][-1]
        stored.append((newest.signed.raw, newest.status))

    nodes.after_send = look
    await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert len(nodes.sent) == 2
    assert stored == [(raw, AttemptStatus.STORED) for raw in nodes.sent]


async def test_plan__fund_cannot_pay_out__warns_of_the_rest(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.assets["FUND"].room = type(memory.assets["FUND"].room)(40 * UNIT, None)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.stages[1].detail["warnings"] == ["no sale is possible for 60 USDT now"]
    assert record.steps[0].step.amount == 40 * UNIT
    assert record.status is RunStatus.DONE
    assert record.reason == "no sale is possible for 60 USDT now"


@pytest.mark.parametrize("armed", [True, False])
async def test_plan__nothing_can_serve_it__is_refused_with_the_shortfalls(
    ports: TierRunDependencies, memory: Memory, *, armed: bool
) -> None:
    memory.assets["FUND"].room = type(memory.assets["FUND"].room)(0, None)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=armed)
    assert record.status is RunStatus.REFUSED
    assert (
        record.reason == "nothing of the plan can be traded: no sale is possible for 100 USDT now"
    )
