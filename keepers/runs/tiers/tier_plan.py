"""Proposals for a run: from a trigger, or from the rest of an earlier run."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from keepers.model.errors.run import UnknownRunError
from keepers.model.json_document import JsonObject, plan_id
from keepers.model.money import WHOLE_BPS, parse_units
from keepers.model.order import AssetPosition, OrderList, TradingRoom
from keepers.model.run import RunRecord, Stage
from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import (
    ActionType,
    Approval,
    TierAction,
    TierPlan,
    TierTrigger,
    TriggerChoice,
    TriggerKind,
)
from keepers.model.tier_state import Event, Settlement, TierHolding, TierState
from keepers.model.vault import HoldingKind, VaultPosition, VaultSnapshot
from keepers.planning.files.tiers import COMMAND, TiersRequest, encode_tiers_request
from keepers.planning.tiers.diversification import Diversified, diversify
from keepers.planning.tiers.legs import values_after
from keepers.planning.tiers.plan import plan_tiers
from keepers.planning.tiers.redemptions import redemptions_first
from keepers.runs.results import detail_of
from keepers.runs.tiers.dependencies import TierRunDependencies

CAP_MARGIN_BPS = 50
"""Share of an asset's cap left unused, since the vault loses a little on each trade."""

METHODS = {
    HoldingKind.ERC4626: "ERC4626",
    HoldingKind.VENUE: "SWAP",
    HoldingKind.ASYNC: "ERC7540",
}


def request_of(
    snapshot: VaultSnapshot,
    config: TierConfig,
    trigger: TriggerChoice,
    *,
    weekly: bool,
    events: Sequence[Event] = (),
) -> TiersRequest:
    """Return the planner's request; assets are named by their unique symbols."""
    state = TierState(
        settlement=Settlement(snapshot.settlement_symbol, snapshot.settlement_decimals),
        values=snapshot.tier_values,
        redemptions_due=snapshot.redemptions_due,
        holdings=tuple(
            TierHolding(each.symbol, Tier(each.tier), each.value) for each in snapshot.positions
        ),
        events=tuple(events),
    )
    return TiersRequest(state, config, trigger, weekly)


def tradable(position: VaultPosition, room: TradingRoom, total: int) -> AssetPosition:
    """Return a position with its current capacities, in a vault with the given total value.

    A swap's exit cost is estimated by its loss bound, a fund's by 0. Part of the asset's cap is
    left unused, since the chain applies it to the vault's value at that time.
    """
    most = total * position.cap_bps // WHOLE_BPS
    cap = most - most * CAP_MARGIN_BPS // WHOLE_BPS
    is_swap = position.kind is HoldingKind.VENUE
    return AssetPosition(
        asset=position.symbol,
        tier=Tier(position.tier),
        method=METHODS[position.kind],
        value=position.value,
        balance=position.balance,
        target_weight=position.target_bps,
        exit_cost=position.maximum_loss_bps if is_swap else 0,
        exit_liquidity=position.value if room.exit is None else min(room.exit, position.value),
        cap=cap if room.entry is None else min(cap, position.value + room.entry),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A tier plan before its orders are made.

    Attributes:
        identity: The planner's id of the request; for a rest, the id of the earlier run.
        plan: Triggers, legs and required approval.
        orders: The orders, if they do not follow from the legs.
        has_rest: Whether other legs are left to a follow-up run.
        idle: Why a concentration leads to no leg; None if it does or there is none.
    """

    identity: str
    plan: TierPlan
    orders: OrderList | None = None
    has_rest: bool = False
    idle: str | None = None


def propose(
    ports: TierRunDependencies,
    snapshot: VaultSnapshot,
    trigger: TriggerChoice,
    *,
    weekly: bool | None = None,
    events: Sequence[Event] = (),
) -> Proposal:
    """Return the planner's proposal for a snapshot.

    Args:
        ports: The ports.
        snapshot: The vault.
        trigger: The trigger to evaluate.
        weekly: Whether a scheduled check is the weekly one; derived from the weekday if None.
        events: The events since the last plan.
    """
    is_monday = snapshot.at.weekday() == 0
    request = request_of(
        snapshot,
        ports.policy.tiers,
        trigger,
        weekly=is_monday if weekly is None else weekly,
        events=events,
    ).canonical()
    found = plan_of(request, snapshot)
    return Proposal(
        identity=plan_id(COMMAND, encode_tiers_request(request)),
        plan=found.plan,
        idle="; ".join(found.idle) or None,
    )


def plan_of(request: TiersRequest, snapshot: VaultSnapshot) -> Diversified:
    """Return the plan for a vault's tiers: redemptions first, then diversification."""
    state, config = request.state, request.config
    plan = plan_tiers(state, config, request.trigger, weekly=request.weekly)
    total = sum(snapshot.tier_values)
    positions = [tradable(each, TradingRoom(None, None), total) for each in snapshot.positions]
    first = redemptions_first(plan, state, config, _sellable(snapshot))
    return diversify(first, positions, config, state.settlement)


def _sellable(snapshot: VaultSnapshot) -> TierValues:
    """Return the sellable value of each tier: holdings with a price and immediate settlement."""
    second, third = (
        sum(
            each.value
            for each in snapshot.positions
            if each.tier == tier and each.problem is None and each.kind is not HoldingKind.ASYNC
        )
        for tier in (Tier.L2, Tier.L3)
    )
    return snapshot.tier_values[Tier.L1], second, third


def split(proposal: Proposal) -> Proposal:
    """Extract the urgent legs, so that they do not depend on the rest of the plan.

    Moves towards L1 run at once, within the limit on risk reduction. The rest is a separate run on
    the resulting state, with the approval that the whole plan requires. A plan requested by an
    operator is not split.
    """
    plan = proposal.plan
    urgent = tuple(each for each in plan.actions if _is_urgent(each))
    manual = all(each.kind is TriggerKind.MANUAL for each in plan.triggers)
    is_alone = len(urgent) == len(plan.actions) and not plan.approval.required
    if not urgent or is_alone or manual:
        return proposal
    at_once = replace(
        plan,
        actions=urgent,
        after=values_after(plan.before, urgent),
        approval=Approval(0, None, review_afterwards=True),
    )
    return replace(proposal, plan=at_once, has_rest=len(urgent) < len(plan.actions))


def rest_text(proposal: Proposal, first: TierPlan) -> str | None:
    """Return a dry run's text on the rest of the plan after the urgent part; None if none."""
    left = [each for each in proposal.plan.actions if each not in first.actions]
    if not left:
        return None
    legs = ", ".join(f"{each.from_tier.name} to {each.to_tier.name}" for each in left)
    needed = proposal.plan.approval.required
    asks = f", which would request {needed} approval(s)" if needed else ""
    return f"the rest, {legs}, follows in a separate run{asks}"


def rest_of(record: RunRecord, snapshot: VaultSnapshot) -> Proposal:
    """Return the proposal for what an earlier run left for approval, on the current state.

    Args:
        record: The earlier run.
        snapshot: The vault now.

    Raises:
        UnknownRunError: The run left nothing.
    """
    detail = detail_of(record, Stage.PLAN)
    if detail is None or not detail.get("rest"):
        raise UnknownRunError(record.run.run_id)
    whole, decimals = detail["plan"], detail["settlement"]["decimals"]
    legs = tuple(leg for leg in _legs(whole, decimals) if not _is_urgent(leg))
    before = snapshot.tier_values
    plan = TierPlan(
        triggers=tuple(_trigger(each) for each in whole["triggers"]),
        before=before,
        actions=legs,
        after=values_after(before, legs),
        approval=Approval(
            whole["required_approvals"],
            whole["approval_deadline_hours"],
            review_afterwards=False,
        ),
        portfolios_due=(),
        unmet=(),
    )
    return Proposal(identity=record.run.run_id, plan=plan)


def _is_urgent(leg: TierAction) -> bool:
    return leg.to_tier is Tier.L1


def _legs(whole: JsonObject, decimals: int) -> Iterator[TierAction]:
    """Yield the legs of a stored plan document."""
    for each in whole["actions"]:
        yield TierAction(
            type=ActionType(each["type"]),
            from_tier=Tier[each["from_tier"]],
            to_tier=Tier[each["to_tier"]],
            amount=parse_units(each["amount"], decimals),
            priority=each["priority"],
            reason=each["reason"],
        )


def _trigger(detail: JsonObject) -> TierTrigger:
    tier = None if detail["tier"] is None else Tier[detail["tier"]]
    return TierTrigger(TriggerKind(detail["kind"]), tier, detail["reason"], detail.get("asset"))
