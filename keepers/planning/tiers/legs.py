"""Legs that reach the goals of the tiers, with approvals and reasons of their actions."""

from dataclasses import dataclass
from fractions import Fraction

from keepers.model.money import WHOLE_BPS, BasisPoints, format_rounded, format_units
from keepers.model.tier_config import Tier, TierConfig, TierValues, per_tier
from keepers.model.tier_plan import ActionType, Approval, TierAction
from keepers.model.tier_state import Settlement

PERCENT = WHOLE_BPS // 100
PERCENT_PLACES = 4


def percent(part: int, whole: int) -> str:
    """Format a share of a whole, as in `6.5 %`; `over 100 %` if the whole is 0."""
    if whole == 0:
        return "over 100 %"
    return f"{format_rounded(Fraction(100 * part, whole), PERCENT_PLACES)} %"


def limit(share: BasisPoints) -> str:
    """Format a configured share, as in `8 %`."""
    return f"{format_rounded(Fraction(share) / PERCENT, PERCENT_PLACES)} %"


def points(share: BasisPoints) -> str:
    """Format a configured distance between shares, as in `5 points`."""
    return f"{format_rounded(Fraction(share) / PERCENT, PERCENT_PLACES)} points"


def money(units: int, settlement: Settlement) -> str:
    """Format an amount of the settlement token, as in `35000 USDT`."""
    return f"{format_units(units, settlement.decimals)} {settlement.symbol}"


URGENT, DEPLOYMENT = 0, 3
REFILLS = {(Tier.L2, Tier.L1): 1, (Tier.L3, Tier.L1): 2}


@dataclass(frozen=True, slots=True)
class Leg:
    """An amount, in base units of the settlement token, from one tier to another."""

    giver: Tier
    taker: Tier
    amount: int


def legs_between(values: TierValues, goals: TierValues) -> tuple[Leg, ...]:
    """Return the legs from tiers above their goal to tiers below it.

    Values and goals have the same sum, so one side has a single tier, and the amounts follow.
    """
    surplus = {tier: values[tier] - goals[tier] for tier in Tier}
    return tuple(
        Leg(giver, taker, min(surplus[giver], -surplus[taker]))
        for giver in Tier
        for taker in Tier
        if surplus[giver] > 0 > surplus[taker]
    )


def is_worth_it(leg: Leg, minimum: int, *, urgent: bool) -> bool:
    """Return whether a leg is large enough; urgent redemptions from L3 always are."""
    return leg.amount >= minimum or (urgent and leg.giver is Tier.L3)


def to_action(leg: Leg, goals: TierValues, settlement: Settlement, *, urgent: bool) -> TierAction:
    """Return a leg's action with its type, priority and reason."""
    giver, taker = leg.giver, leg.taker
    return TierAction(
        type=type_of(leg),
        from_tier=giver,
        to_tier=taker,
        amount=leg.amount,
        priority=_priority_of(leg, urgent=urgent),
        reason=f"{giver.name} is above its goal of {money(goals[giver], settlement)}, "
        f"{taker.name} below its goal of {money(goals[taker], settlement)}",
    )


def order_of(action: TierAction) -> tuple[int, Tier, Tier]:
    """Return the sort key of an action; the most urgent sorts first."""
    return action.priority, action.from_tier, action.to_tier


def values_after(values: TierValues, actions: tuple[TierAction, ...]) -> TierValues:
    """Return the tiers' values after all actions, without losses."""
    moved = list(values)
    for action in actions:
        moved[action.from_tier] -= action.amount
        moved[action.to_tier] += action.amount
    return per_tier(iter(moved))


def type_of(leg: Leg) -> ActionType:
    """Return the type of a leg's action."""
    if leg.taker is Tier.L3:
        return ActionType.PURCHASE
    return ActionType.REDEEM if leg.giver is Tier.L3 else ActionType.TRANSFER


def _priority_of(leg: Leg, *, urgent: bool) -> int:
    if urgent and leg.giver is Tier.L3:
        return URGENT
    return REFILLS.get((leg.giver, leg.taker), DEPLOYMENT)


ONE_APPROVER_HOURS = 2
TWO_APPROVERS_HOURS = 4


def approval_for(total: int, config: TierConfig, *, manual: bool) -> Approval:
    """Return the approval for a plan's total amount in base units; none without actions.

    Args:
        total: The sum of the plan's actions.
        config: The thresholds.
        manual: Whether an operator requested the plan, which then needs at least one approval.
    """
    if total > config.rebalance_multisig_threshold:
        return Approval(2, TWO_APPROVERS_HOURS, review_afterwards=False)
    if total > config.rebalance_approval_threshold or (manual and total > 0):
        return Approval(1, ONE_APPROVER_HOURS, review_afterwards=False)
    review = total > 0 and total >= config.rebalance_review_threshold
    return Approval(0, None, review_afterwards=review)
