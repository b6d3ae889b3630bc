"""What a run shall do, wherever it comes from: a trigger, or the rest of an earlier run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from keepers.domain.errors_run import UnknownRun
from keepers.domain.events import Event
from keepers.domain.order import OrderList
from keepers.domain.run import JsonObject, RunRecord, Stage
from keepers.domain.tier import Tier, TierValues, per_tier
from keepers.domain.tier_plan import (
    ActionType,
    Approval,
    TierAction,
    TierPlan,
    Trigger,
    TriggerChoice,
    TriggerKind,
)
from keepers.domain.vault import VaultSnapshot
from keepers.engine.rebalance.request import request_of
from keepers.engine.rebalance.world import World
from keepers.planning.files.canonical import plan_id
from keepers.planning.files.tiers import COMMAND
from keepers.planning.files.tiers_request import encode_tiers_request
from keepers.planning.tiers.plan import plan_tiers


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A plan for the tiers, before it is orders.

    Attributes:
        identity: The planner's id of it; of a rest, the id of the run that it is the rest of.
        plan: Why, which legs, and who has to approve.
        orders: The orders, where they do not follow from the legs.
        rest: Legs that wait for approval while the others run at once.
    """

    identity: str
    plan: TierPlan
    orders: OrderList | None = None
    rest: tuple[TierAction, ...] = ()


def propose(
    world: World,
    snapshot: VaultSnapshot,
    trigger: TriggerChoice,
    *,
    weekly: bool | None = None,
    events: Sequence[Event] = (),
) -> Proposal:
    """What the planner says of a snapshot.

    Args:
        world: The ports.
        snapshot: The vault.
        trigger: What to judge.
        weekly: Whether a scheduled check is the weekly one; by the day of the week if not told.
        events: What happened since the last plan.
    """
    is_monday = snapshot.at.weekday() == 0
    request = request_of(
        snapshot,
        world.policy.tiers,
        trigger,
        weekly=is_monday if weekly is None else weekly,
        events=events,
    ).canonical()
    plan = plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)
    return Proposal(identity=plan_id(COMMAND, encode_tiers_request(request)), plan=plan)


def split(proposal: Proposal) -> Proposal:
    """Take out what has to wait for approval while the rest of the plan need not.

    Moves towards L1 run at once, inside the limit on what reduces risk. What a person asked for
    waits whole: nothing of it is urgent.
    """
    plan = proposal.plan
    urgent = tuple(each for each in plan.actions if each.to_tier is Tier.L1)
    rest = tuple(each for each in plan.actions if each.to_tier is not Tier.L1)
    manual = all(each.kind is TriggerKind.MANUAL for each in plan.triggers)
    if not plan.approval.required or not urgent or manual:
        return proposal
    at_once = replace(
        plan,
        actions=urgent,
        after=after_legs(plan.before, urgent),
        approval=Approval(0, None, review_afterwards=True),
    )
    return replace(proposal, plan=at_once, rest=rest)


def rest_of(record: RunRecord, snapshot: VaultSnapshot) -> Proposal:
    """What an earlier run left to be approved, on the state as it is now.

    Args:
        record: The earlier run.
        snapshot: The vault now.

    Raises:
        UnknownRun: It left nothing.
    """
    left = next(
        (each.detail.get("rest") for each in record.stages if each.stage is Stage.PLAN), None
    )
    if left is None:
        raise UnknownRun(record.run.run_id)
    legs = tuple(_leg(each) for each in left["legs"])
    before = snapshot.tier_values
    plan = TierPlan(
        triggers=tuple(_trigger(each) for each in left["triggers"]),
        before=before,
        actions=legs,
        after=after_legs(before, legs),
        approval=Approval(left["required"], left["deadline_hours"], review_afterwards=False),
        portfolios_due=(),
        unmet=(),
    )
    return Proposal(identity=record.run.run_id, plan=plan)


def rest_detail(proposal: Proposal, whole: TierPlan) -> JsonObject | None:
    """What the journal keeps of legs that wait; amounts are strings of base units."""
    if not proposal.rest:
        return None
    return {
        "legs": [
            {
                "type": str(each.type),
                "from_tier": each.from_tier.name,
                "to_tier": each.to_tier.name,
                "amount": str(each.amount),
                "priority": each.priority,
                "reason": each.reason,
            }
            for each in proposal.rest
        ],
        "triggers": [
            {
                "kind": str(each.kind),
                "tier": None if each.tier is None else each.tier.name,
                "reason": each.reason,
                "asset": each.asset,
            }
            for each in whole.triggers
        ],
        "required": whole.approval.required,
        "deadline_hours": whole.approval.deadline_hours,
    }


def after_legs(before: TierValues, legs: Sequence[TierAction]) -> TierValues:
    """The tiers after legs, without what trading costs."""
    values = list(before)
    for leg in legs:
        values[leg.from_tier] -= leg.amount
        values[leg.to_tier] += leg.amount
    return per_tier(iter(values))


def _leg(detail: JsonObject) -> TierAction:
    return TierAction(
        type=ActionType(detail["type"]),
        from_tier=Tier[detail["from_tier"]],
        to_tier=Tier[detail["to_tier"]],
        amount=int(detail["amount"]),
        priority=detail["priority"],
        reason=detail["reason"],
    )


def _trigger(detail: JsonObject) -> Trigger:
    tier = None if detail["tier"] is None else Tier[detail["tier"]]
    return Trigger(TriggerKind(detail["kind"]), tier, detail["reason"], asset=detail["asset"])
