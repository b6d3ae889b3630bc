"""Tests of a rollback that is planned from the stored record of a real run."""

from __future__ import annotations

from fractions import Fraction

from keepers.model.order import OrderKind
from keepers.model.run import RunStatus, StepStatus
from keepers.model.tier_plan import TriggerKind
from keepers.planning.rollback import executed_of, plan_rollback
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.pipeline import run_once
from keepers.runs.tiers.tier_plan import request_of, tradable
from tests.unit.runs.market import Memory
from tests.unit.runs.tier_run_rig import POLICY, UNIT


async def test_executed__of_a_real_run__is_what_was_received(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.assets["YIELD"].rate = Fraction(99, 100)
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.DONE
    sale, purchase = executed_of(record)
    assert (sale.asset, sale.received, sale.depends_on) == ("FUND", 100 * UNIT, ())
    assert (purchase.asset, purchase.received) == ("YIELD", 99 * UNIT)
    assert (purchase.depends_on, purchase.funding) == ((0,), (100 * UNIT,))
    snapshot = await memory.snapshot()
    request = request_of(snapshot, POLICY.tiers, TriggerKind.MANUAL, weekly=False)
    rooms = await memory.room(snapshot.positions, snapshot.block_number)
    total = sum(snapshot.tier_values)
    held = [tradable(*each, total) for each in zip(snapshot.positions, rooms, strict=True)]
    rollback = plan_rollback(
        executed_of(record), held, request.state, request.config, run_id=record.run.run_id
    )
    assert [(each.kind, each.asset, each.amount) for each in rollback.orders.orders] == [
        (OrderKind.SALE, "YIELD", 99 * UNIT),
        (OrderKind.PURCHASE, "FUND", 99 * UNIT),
    ]
    # L2 was at its maximum of 40 % when the vault was worth 1,000; now it is worth 999.
    assert [each.amount for each in rollback.orders.shortfalls] == [1 * UNIT]


async def test_executed__of_a_dry_run__is_nothing(ports: TierRunDependencies) -> None:
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=False)
    assert {each.status for each in record.steps} == {StepStatus.SKIPPED}
    assert executed_of(record) == ()


async def test_executed__failed_purchase__leaves_its_sale(
    ports: TierRunDependencies, memory: Memory
) -> None:
    memory.assets["YIELD"].is_silent = True  # included, but without an event of the controller
    record = await run_once(ports, TriggerKind.SCHEDULED, armed=True)
    assert record.status is RunStatus.PARTIAL
    assert [(each.index, each.kind) for each in executed_of(record)] == [(0, OrderKind.SALE)]
