"""Plan of a run: calls with quotes, minimum outputs and deadlines from a snapshot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from keepers.model.errors.run import QuoteUnavailableError
from keepers.model.json_document import JsonObject
from keepers.model.left_out import LeftOut
from keepers.model.order import AssetPosition, OrderKind, OrderList
from keepers.model.run import Stage
from keepers.model.tier_plan import TierPlan
from keepers.model.vault import VaultSnapshot
from keepers.planning.files.tiers import answer_with
from keepers.planning.tiers.legs import DEPLOYMENT
from keepers.runs.tiers.action import Action, plan_detail
from keepers.runs.tiers.dependencies import TierRunDependencies
from keepers.runs.tiers.exits import Exits
from keepers.runs.tiers.losses import too_lossy
from keepers.runs.tiers.offers import Offers, barred, offers_of
from keepers.runs.tiers.quotes import actions_of
from keepers.runs.tiers.tier_plan import Proposal, split


@dataclass(frozen=True, slots=True)
class TierRunPlan:
    """Actions of a run, the state they were planned from, and the left-out holdings.

    `waits` describes the parts that wait for a limit to refill, and until when. `gas` is the most
    gas of each action, by its index, once the plan is simulated.
    """

    snapshot: VaultSnapshot
    plan: TierPlan
    orders: OrderList
    actions: tuple[Action, ...]
    step_ids: tuple[int, ...]
    left_out: tuple[LeftOut, ...] = ()
    waits: tuple[str, ...] = ()
    gas: Mapping[int, int] = field(default_factory=dict[int, int])

    @property
    def total(self) -> int:
        """Return the total traded in settlement base units; funding sales are not counted."""
        paid = {index for action in self.actions for index in action.step.depends_on}
        return sum(
            action.step.amount
            for action in self.actions
            if action.order.kind is OrderKind.PURCHASE or action.step.index not in paid
        )


@dataclass(frozen=True, slots=True)
class DraftedPlan:
    """A plan before it is stored; its steps have indices but no ids yet."""

    planned: TierRunPlan
    detail: JsonObject


async def make_plan(
    ports: TierRunDependencies, run_id: str, proposal: Proposal, snapshot: VaultSnapshot
) -> TierRunPlan:
    """Create and quote the orders of the legs, and store the plan with its steps."""
    drawn = await draft_plan(ports, proposal, snapshot)
    ports.record(run_id, Stage.PLAN, drawn.detail)
    planned = drawn.planned
    return replace(planned, step_ids=_store(ports, run_id, planned.actions))


async def draft_plan(
    ports: TierRunDependencies, proposal: Proposal, snapshot: VaultSnapshot
) -> DraftedPlan:
    """Create and quote the orders of the legs, urgent ones separately, without storing them.

    Args:
        ports: The ports.
        proposal: The plan to carry out.
        snapshot: The state that the proposal was made from.
    """
    chosen = split(proposal)
    deadline = _deadline(ports, chosen.plan, snapshot)
    drafted = await _draft(ports, chosen, snapshot, deadline)
    answer = answer_with(
        proposal.plan, plan_id=proposal.identity, decimals=snapshot.settlement_decimals
    )
    detail = plan_detail(
        snapshot,
        answer.document,
        drafted.actions,
        drafted.orders,
        drafted.left_out,
    )
    detail["waits"] = list(drafted.waits)
    planned = TierRunPlan(
        snapshot,
        chosen.plan,
        drafted.orders,
        drafted.actions,
        tuple(range(len(drafted.actions))),
        drafted.left_out,
        drafted.waits,
    )
    return DraftedPlan(planned, {**detail, "rest": True} if chosen.has_rest else detail)


@dataclass(frozen=True, slots=True)
class _Draft:
    """Orders with their calls, left-out holdings, and parts that wait."""

    orders: OrderList
    actions: tuple[Action, ...]
    left_out: tuple[LeftOut, ...] = ()
    waits: tuple[str, ...] = ()


async def _draft(
    ports: TierRunDependencies, proposal: Proposal, snapshot: VaultSnapshot, deadline: datetime
) -> _Draft:
    """Create and quote orders until all of them can be traded.

    Orders that cannot be traded or lose too much are left out; urgent sales are halved instead. The
    orders are then made again. Each pass closes a direction of a holding or halves a sale, so there
    are few passes. Sales that the chain recently refused are retried only if nothing else can be
    traded.

    Raises:
        QuoteUnavailableError: A given order, such as one of a rollback, has no quote.
    """
    if proposal.orders is not None:
        return await _given(ports, proposal.orders, snapshot, deadline)
    if not proposal.plan.actions:
        return _Draft(OrderList((), ()), ())
    offers = await offers_of(ports, snapshot)
    others = offers.without(barred(ports, snapshot))
    found = await _settled(ports, proposal.plan, snapshot, others, deadline)
    if found.actions or others.left_out == offers.left_out:
        return found
    return await _settled(ports, proposal.plan, snapshot, offers, deadline)


async def _settled(
    ports: TierRunDependencies,
    plan: TierPlan,
    snapshot: VaultSnapshot,
    offers: Offers,
    deadline: datetime,
) -> _Draft:
    """Return orders that can all be traded, within the limits on urgent ones."""
    exits = Exits(snapshot, plan, ports.policy.tiers.rebalance_min_amount)
    while True:
        orders, waits = exits.orders(offers.towards(plan).positions)
        priced = await actions_of(ports, snapshot, orders, deadline)
        smaller = _smaller(ports, priced.actions, offers)
        if smaller is None:
            smaller = exits.less_lossy(priced.actions, offers)
        if not priced.refused and smaller is None:
            waits = (*waits, *offers.less.values())
            return _Draft(orders, priced.actions, offers.left_out, waits)
        offers = offers.without(priced.refused) if smaller is None else smaller


async def _given(
    ports: TierRunDependencies, orders: OrderList, snapshot: VaultSnapshot, deadline: datetime
) -> _Draft:
    priced = await actions_of(ports, snapshot, orders, deadline)
    for each in priced.refused:
        raise QuoteUnavailableError(each.asset, each.reason)
    return _Draft(orders, priced.actions)


def _smaller(
    ports: TierRunDependencies, actions: Sequence[Action], offers: Offers
) -> Offers | None:
    """Return offers without the first action that loses too much; None if there is none."""
    for action in actions:
        problem = too_lossy(action, ports.policy)
        if problem is not None:
            half, minimum = action.order.amount // 2, ports.policy.tiers.rebalance_min_amount
            if action.order.priority < DEPLOYMENT and half >= minimum:
                return offers.with_less(action.order.asset, half)
            return offers.without([LeftOut(action.order.asset, problem, action.order.kind)])
    return None


def _deadline(ports: TierRunDependencies, plan: TierPlan, snapshot: VaultSnapshot) -> datetime:
    """Return the deadline; plans that need approval last as long as the approval period."""
    hours = plan.approval.deadline_hours
    if hours is None:
        return snapshot.at + timedelta(seconds=ports.policy.plan_expiry_seconds)
    return snapshot.at + timedelta(hours=hours)


async def positions_of(ports: TierRunDependencies, snapshot: VaultSnapshot) -> list[AssetPosition]:
    """Return the positions of a snapshot with their current capacities."""
    return list((await offers_of(ports, snapshot)).positions)


def _store(ports: TierRunDependencies, run_id: str, actions: tuple[Action, ...]) -> tuple[int, ...]:
    if not actions:
        return ()
    return ports.store.add_steps(run_id, [action.step for action in actions])
