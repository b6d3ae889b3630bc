"""Plan that undoes a recorded run on the current vault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from keepers.model.order import AssetPosition, Order, OrderKind, OrderList
from keepers.model.run import RunRecord, Stage, StepRecord, StepStatus
from keepers.model.tier_config import Tier, TierConfig, per_tier
from keepers.model.tier_plan import (
    Executed,
    Rollback,
    TierAction,
    TierPlan,
    TierTrigger,
    TriggerKind,
)
from keepers.model.tier_state import TierState
from keepers.planning.rollback.orders import PRIORITY, RollbackOrders, undo
from keepers.planning.tiers.legs import Leg, approval_for, type_of


def plan_rollback(
    executed: Sequence[Executed],
    positions: Iterable[AssetPosition],
    state: TierState,
    config: TierConfig,
    *,
    run_id: str,
) -> Rollback:
    """Return the sales and purchases that undo a run; pure, in integers.

    Purchased assets are sold, and sale proceeds are spent on buying back, in reverse order. Sales
    are bounded by what came in, what is held and exit liquidity. Purchases are bounded by what came
    in and, as on chain, by bands, caps and redemptions. What cannot be undone now is a shortfall.

    Args:
        executed: Successful actions in execution order.
        positions: The current positions of L2 and L3, in any order.
        state: The current vault.
        config: Bands, thresholds and the smallest order.
        run_id: The run to undo, named in the plan's reason.

    Returns:
        The plan with its orders; requested by an operator, it requires approval.
    """
    made = RollbackOrders(state, positions, config)
    undo(made, executed)
    reason = f"rollback of run {run_id}"
    actions = tuple(_action(each, reason) for each in made.legs)
    plan = TierPlan(
        triggers=(TierTrigger(TriggerKind.MANUAL, None, reason),),
        before=state.values,
        actions=actions,
        after=per_tier(iter(made.values)),
        approval=approval_for(_size(made.orders), config, manual=True),
        portfolios_due=(),
        unmet=(),
    )
    return Rollback(plan, OrderList(tuple(made.orders), tuple(made.shortfalls)))


def _action(leg: Leg, reason: str) -> TierAction:
    return TierAction(
        type=type_of(leg),
        from_tier=leg.giver,
        to_tier=leg.taker,
        amount=leg.amount,
        priority=PRIORITY,
        reason=reason,
    )


def _size(orders: Iterable[Order]) -> int:
    """Return the larger of sales and purchases: a sale and the purchase it funds are one move."""
    totals: Counter[OrderKind] = Counter()
    for each in orders:
        totals[each.kind] += each.amount
    return max(totals.values(), default=0)


def executed_of(record: RunRecord) -> tuple[Executed, ...]:
    """Return the successful actions in execution order.

    Failed, skipped and unfinished actions changed nothing that can be undone.
    """
    planned = _orders(record)
    done = [each for each in record.steps if each.status is StepStatus.DONE]
    ran = sorted(done, key=lambda each: (each.step.priority, each.step.index))
    return tuple(_executed(each, planned) for each in ran)


def _executed(step: StepRecord, planned: Mapping[int, Mapping[str, Any]]) -> Executed:
    new = step.trade
    funding = planned[new.index]["funding"] if new.index in planned else ()
    return Executed(
        index=new.index,
        kind=OrderKind(new.kind),
        asset=new.symbol,
        tier=Tier(new.tier),
        planned=new.amount,
        received=_received(step),
        depends_on=new.depends_on,
        funding=tuple(int(amount) for amount in funding),
    )


def _received(step: StepRecord) -> int:
    """Return the received amount; only one attempt of a step can have succeeded."""
    outcomes = (each.outcome for each in step.attempts)
    return next((each.received for each in outcomes if each and each.received is not None), 0)


def _orders(record: RunRecord) -> Mapping[int, Mapping[str, Any]]:
    """Return the orders stored by the plan stage, by index."""
    for stage in record.stages:
        if stage.stage is Stage.PLAN:
            return {each["index"]: each for each in stage.detail.get("orders", ())}
    return {}
