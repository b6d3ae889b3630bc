"""Stage 1: from a snapshot to calls with quotes, minimum outputs and deadlines."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.domain.order import OrderList, Position
from keepers.domain.run import Stage
from keepers.domain.tier_plan import TierPlan, TriggerChoice
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.action import Action
from keepers.engine.rebalance.details import plan_detail
from keepers.engine.rebalance.orders import actions_of
from keepers.engine.rebalance.request import request_of, tradable
from keepers.engine.rebalance.world import World
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.tiers import COMMAND
from keepers.planning.files.tiers_output import answer_with
from keepers.planning.files.tiers_request import encode_tiers_request
from keepers.planning.orders.plan import plan_orders
from keepers.planning.tiers.plan import plan_tiers


@dataclass(frozen=True, slots=True)
class Planned:
    """What shall be done, and the state that it was computed from."""

    snapshot: VaultSnapshot
    plan: TierPlan
    orders: OrderList
    actions: tuple[Action, ...]
    step_ids: tuple[int, ...]


async def make_plan(
    world: World, run_id: str, trigger: TriggerChoice, snapshot: VaultSnapshot
) -> Planned:
    """Plan, quote, and store the steps."""
    weekly = snapshot.at.weekday() == 0
    request = request_of(snapshot, world.policy.tiers, trigger, weekly=weekly).canonical()
    plan = plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)
    identity = plan_id(COMMAND, encode_tiers_request(request))
    answer = answer_with(plan, plan_id=identity, decimals=snapshot.settlement_decimals)
    orders = await _orders(world, plan, snapshot)
    actions = await actions_of(world, snapshot, orders)
    world.record(run_id, Stage.PLAN, plan_detail(snapshot, answer.document, actions, orders))
    return Planned(snapshot, plan, orders, actions, _store(world, run_id, actions))


async def _orders(world: World, plan: TierPlan, snapshot: VaultSnapshot) -> OrderList:
    if not plan.actions:
        return OrderList((), ())
    rooms = await world.market.room(snapshot.positions, snapshot.block_number)
    total = sum(snapshot.tier_values)
    positions: list[Position] = [
        tradable(position, room, total)
        for position, room in zip(snapshot.positions, rooms, strict=True)
    ]
    return plan_orders(plan.actions, positions, world.policy.tiers.rebalance_min_amount)


def _store(world: World, run_id: str, actions: tuple[Action, ...]) -> tuple[int, ...]:
    if not actions:
        return ()
    return world.journal.add_steps(run_id, [action.step for action in actions])
