"""Planning of a file for tiers: from its bytes to the result in JSON."""

from fractions import Fraction

from keepers.model.errors import EXIT_NOT_COVERED
from keepers.model.json_document import Json, plan_id
from keepers.model.money import format_rounded, format_units
from keepers.model.tier_config import Tier, TierValues
from keepers.model.tier_plan import TierAction, TierPlan, TierTrigger
from keepers.planning.files.answer import PLANNED, PlannerAnswer
from keepers.planning.files.tiers_input import (
    TiersRequest,
    decode_tiers_request,
    encode_tiers_request,
)
from keepers.planning.tiers.plan import plan_tiers

RATIO_PLACES = 6


def answer_with(plan: TierPlan, *, plan_id: str, decimals: int) -> PlannerAnswer:
    """Spell a plan.

    Args:
        plan: The plan.
        plan_id: The id of what it answers.
        decimals: Decimals of the settlement token.

    Returns:
        The document, and exit status 3 if something could not be covered.
    """
    document: dict[str, Json] = {
        "plan_id": plan_id,
        "triggers": [_trigger(trigger) for trigger in plan.triggers],
        "before": _ratios(plan.before),
        "actions": [_action(action, decimals) for action in plan.actions],
        "after": _ratios(plan.after),
        "total_amount": format_units(plan.total_amount, decimals),
        "required_approvals": plan.approval.required,
        "review_afterwards": plan.approval.review_afterwards,
        "approval_deadline_hours": plan.approval.deadline_hours,
        "portfolios_due": [tier.name for tier in plan.portfolios_due],
        "unmet": [
            {"need": unmet.need, "amount": format_units(unmet.amount, decimals)}
            for unmet in plan.unmet
        ],
    }
    return PlannerAnswer(document, EXIT_NOT_COVERED if plan.unmet else PLANNED)


def _trigger(trigger: TierTrigger) -> dict[str, Json]:
    tier = None if trigger.tier is None else trigger.tier.name
    row: dict[str, Json] = {"kind": str(trigger.kind), "tier": tier, "reason": trigger.reason}
    return row if trigger.asset is None else row | {"asset": trigger.asset}


def _action(action: TierAction, decimals: int) -> dict[str, Json]:
    return {
        "type": str(action.type),
        "from_tier": action.from_tier.name,
        "to_tier": action.to_tier.name,
        "amount": format_units(action.amount, decimals),
        "priority": action.priority,
        "depends_on": list(action.depends_on),
        "reason": action.reason,
    }


def _ratios(values: TierValues) -> dict[str, Json]:
    total = sum(values)
    return {
        tier.name: format_rounded(Fraction(values[tier], total), RATIO_PLACES) if total else "0"
        for tier in Tier
    }


COMMAND = "tiers"


def plan_tiers_file(data: bytes) -> PlannerAnswer:
    """Plan what a file asks.

    Raises:
        InputError: Something in it cannot be used; the field is named.
    """
    return answer_tiers_request(decode_tiers_request(data))


def answer_tiers_request(request: TiersRequest) -> PlannerAnswer:
    """Plan a request, wherever it comes from: the same request has the same id and answer."""
    request = request.canonical()
    plan = plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)
    return answer_with(
        plan,
        plan_id=plan_id(COMMAND, encode_tiers_request(request)),
        decimals=request.state.settlement.decimals,
    )
