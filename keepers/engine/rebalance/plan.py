"""Stage 1: from a snapshot to calls with quotes, minimum outputs and deadlines."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from keepers.domain.order import OrderKind, OrderList, Position
from keepers.domain.run import JsonObject, Stage
from keepers.domain.tier_plan import TierPlan
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.action import Action
from keepers.engine.rebalance.details import plan_detail
from keepers.engine.rebalance.orders import actions_of
from keepers.engine.rebalance.proposal import Proposal, split
from keepers.engine.rebalance.request import tradable
from keepers.engine.rebalance.world import World
from keepers.planning.files.tiers_output import answer_with
from keepers.planning.orders.plan import plan_orders


@dataclass(frozen=True, slots=True)
class Planned:
    """What shall be done, and the state that it was computed from."""

    snapshot: VaultSnapshot
    plan: TierPlan
    orders: OrderList
    actions: tuple[Action, ...]
    step_ids: tuple[int, ...]

    @property
    def total(self) -> int:
        """What is spent and sold, in settlement base units; sales that pay for purchases once."""
        paid = {index for action in self.actions for index in action.step.depends_on}
        return sum(
            action.step.amount
            for action in self.actions
            if action.order.kind is OrderKind.PURCHASE or action.step.index not in paid
        )


@dataclass(frozen=True, slots=True)
class Drawn:
    """A plan before it is stored: its steps have no ids yet, only places."""

    planned: Planned
    detail: JsonObject


async def make_plan(
    world: World, run_id: str, proposal: Proposal, snapshot: VaultSnapshot, *, armed: bool
) -> Planned:
    """Make orders of legs, quote them, and store the plan with its steps."""
    drawn = await draw_plan(world, proposal, snapshot, armed=armed)
    world.record(run_id, Stage.PLAN, drawn.detail)
    planned = drawn.planned
    return replace(planned, step_ids=_store(world, run_id, planned.actions))


async def draw_plan(
    world: World, proposal: Proposal, snapshot: VaultSnapshot, *, armed: bool
) -> Drawn:
    """Make orders of legs and quote them; nothing is stored.

    Args:
        world: The ports.
        proposal: What shall be done.
        snapshot: The state that it was made from.
        armed: Whether what is urgent is taken apart from what waits for approval.
    """
    chosen = split(proposal) if armed else proposal
    orders = await _orders(world, chosen, snapshot)
    deadline = _deadline(world, chosen.plan, snapshot)
    actions = await actions_of(world, snapshot, orders, deadline)
    answer = answer_with(
        proposal.plan, plan_id=proposal.identity, decimals=snapshot.settlement_decimals
    )
    detail = plan_detail(snapshot, answer.document, actions, orders)
    places = tuple(range(len(actions)))
    planned = Planned(snapshot, chosen.plan, orders, actions, places)
    return Drawn(planned, {**detail, "rest": True} if chosen.has_rest else detail)


def _deadline(world: World, plan: TierPlan, snapshot: VaultSnapshot) -> datetime:
    """What needs approval may run as long as it may be approved."""
    hours = plan.approval.deadline_hours
    if hours is None:
        return snapshot.at + timedelta(seconds=world.policy.plan_expiry_seconds)
    return snapshot.at + timedelta(hours=hours)


async def _orders(world: World, proposal: Proposal, snapshot: VaultSnapshot) -> OrderList:
    if proposal.orders is not None:
        return proposal.orders
    if not proposal.plan.actions:
        return OrderList((), ())
    minimum = world.policy.tiers.rebalance_min_amount
    return plan_orders(proposal.plan.actions, await positions_of(world, snapshot), minimum)


async def positions_of(world: World, snapshot: VaultSnapshot) -> list[Position]:
    """The positions of a snapshot, with what each can give and take now."""
    rooms = await world.market.room(snapshot.positions, snapshot.block_number)
    total = sum(snapshot.tier_values)
    return [
        tradable(position, room, total)
        for position, room in zip(snapshot.positions, rooms, strict=True)
    ]


def _store(world: World, run_id: str, actions: tuple[Action, ...]) -> tuple[int, ...]:
    if not actions:
        return ()
    return world.journal.add_steps(run_id, [action.step for action in actions])
