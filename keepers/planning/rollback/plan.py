"""The plan that undoes a run, made on the vault as it is now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from keepers.model.order import OrderKind, OrderList, Position
from keepers.model.rollback import Executed, Rollback
from keepers.model.tier import per_tier
from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import TierAction, TierPlan, Trigger, TriggerKind
from keepers.model.tier_state import TierState
from keepers.planning.rollback.orders import PRIORITY, Desk, undo
from keepers.planning.tiers.approval import approval_for
from keepers.planning.tiers.legs import Leg, type_of


def plan_rollback(
    executed: Sequence[Executed],
    positions: Iterable[Position],
    state: TierState,
    config: TierConfig,
    *,
    run_id: str,
) -> Rollback:
    """Say what is sold and bought so that a run is undone; pure, in integers.

    What a purchase received is sold, and what a sale received is spent on buying back, in reverse
    order. Nothing more is sold than came in and is held, nothing more is spent than came in. Bands,
    caps and redemptions bound purchases, as on chain; sales, which lower risk, are bound by what
    can be sold. What cannot be undone now is a shortfall.

    Args:
        executed: What succeeded, in the order in which it ran.
        positions: The positions of L2 and L3 now, in any order.
        state: The vault now.
        config: Bands, thresholds, and the smallest order.
        run_id: The run that is undone, for people.

    Returns:
        The plan, which a person asked for and others have to approve, with its orders.
    """
    desk = Desk(state, positions, config)
    undo(desk, executed)
    reason = f"rollback of run {run_id}"
    actions = tuple(_action(each, reason) for each in desk.legs)
    plan = TierPlan(
        triggers=(Trigger(TriggerKind.MANUAL, None, reason),),
        before=state.values,
        actions=actions,
        after=per_tier(iter(desk.values)),
        approval=approval_for(_size(desk), config, manual=True),
        portfolios_due=(),
        unmet=(),
    )
    return Rollback(plan, OrderList(tuple(desk.orders), tuple(desk.shortfalls)))


def _action(leg: Leg, reason: str) -> TierAction:
    return TierAction(
        type=type_of(leg),
        from_tier=leg.giver,
        to_tier=leg.taker,
        amount=leg.amount,
        priority=PRIORITY,
        reason=reason,
    )


def _size(desk: Desk) -> int:
    """The larger of what is sold and what is bought: a sale and what it pays for are one move."""
    return max(sum(each.amount for each in desk.orders if each.kind is kind) for kind in OrderKind)
