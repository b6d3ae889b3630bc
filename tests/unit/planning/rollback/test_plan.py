"""Tests of the executed actions, read from the record of a run."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from keepers.model.order import OrderKind
from keepers.model.run import RunRecord, Stage, StepStatus
from keepers.model.tier_config import Tier
from keepers.planning.rollback.plan import _size, executed_of
from tests.unit.planning.rollback.test_rollback import bought, sold, undo, vault


def step(index: int, status: StepStatus, *received: int | None, **more: Any) -> Any:
    """Return a step with an attempt for each outcome; None is one that received nothing."""
    trade = {"index": index, "kind": OrderKind.PURCHASE, "symbol": "C", "tier": 2, "amount": 60}
    trade |= {"priority": 1, "depends_on": ()} | more
    attempts = [SimpleNamespace(outcome=None)]
    attempts += [SimpleNamespace(outcome=SimpleNamespace(received=each)) for each in received]
    new = SimpleNamespace(**trade)
    return SimpleNamespace(step=new, trade=new, status=status, attempts=attempts)


def record(*steps: Any, orders: list[dict[str, Any]] | None = None) -> RunRecord:
    stages = [SimpleNamespace(stage=Stage.RISK, detail={"orders": [{"index": 0}]})]
    if orders is not None:
        stages.append(SimpleNamespace(stage=Stage.PLAN, detail={"orders": orders}))
    return cast("RunRecord", SimpleNamespace(steps=steps, stages=stages))


def test_executed_of__steps__those_that_are_done_by_priority_and_index() -> None:
    found = executed_of(
        record(
            step(0, StepStatus.DONE, 5, priority=2),
            step(1, StepStatus.FAILED, 5, priority=1),
            step(2, StepStatus.DONE, 7, priority=2),
            step(3, StepStatus.DONE, 9, priority=1),
        )
    )
    assert [(each.index, each.received) for each in found] == [(3, 9), (0, 5), (2, 7)]


@pytest.mark.parametrize(
    ("outcomes", "received"), [((), 0), ((None,), 0), ((None, 8), 8), ((0,), 0)]
)
def test_executed_of__attempts__received_what_the_one_that_succeeded_says(
    outcomes: tuple[int | None, ...], received: int
) -> None:
    (found,) = executed_of(record(step(0, StepStatus.DONE, *outcomes)))
    assert (found.received, found.planned, found.tier) == (received, 60, Tier.L3)


def test_executed_of__funding__is_that_of_the_planned_order() -> None:
    orders = [{"index": 1, "funding": ["40", "20"]}]
    first, second = executed_of(
        record(
            step(0, StepStatus.DONE, 1),
            step(1, StepStatus.DONE, 1, depends_on=(0, 3)),
            orders=orders,
        )
    )
    assert (first.funding, second.funding, second.depends_on) == ((), (40, 20), (0, 3))


def test_executed_of__no_plan_stage__has_no_funding() -> None:
    (found,) = executed_of(record(step(0, StepStatus.DONE, 1)))
    assert found.funding == ()


def test_plan_rollback__more_is_bought_than_sold__is_approved_by_the_purchases() -> None:
    # The cash above the minimum suffices: purchases of 210,000, sales of 1,000.
    paper = vault(A={"units": 100_000}, C={"units": 600_000}, D={"units": 45_000})
    paper.cash = 300_000
    done = (
        sold(0, "A", Tier.L2, 210_000),
        bought(1, "C", Tier.L3, 1_000, depends_on=(0,), funding=(210_000,)),
    )
    rollback = undo(paper, *done)

    assert [each.amount for each in rollback.orders.orders] == [1_000, 1_000, 209_000]
    assert rollback.plan.approval.required == 2


def test_size__no_orders__is_0() -> None:
    assert _size([]) == 0
