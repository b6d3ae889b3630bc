"""From goals to the legs that reach them."""

from dataclasses import dataclass

from keepers.model.tier import Tier, TierValues, per_tier
from keepers.model.tier_plan import ActionType, TierAction
from keepers.model.tier_state import Settlement
from keepers.planning.tiers.text import money

URGENT, DEPLOYMENT = 0, 3
REFILLS = {(Tier.L2, Tier.L1): 1, (Tier.L3, Tier.L1): 2}


@dataclass(frozen=True, slots=True)
class Leg:
    """An amount, in base units of the settlement token, from one tier to another."""

    giver: Tier
    taker: Tier
    amount: int


def legs_between(values: TierValues, goals: TierValues) -> tuple[Leg, ...]:
    """The legs from tiers above their goal to tiers below it.

    Values and goals have the same sum, so of three tiers one side has a single one, and the
    amounts follow.
    """
    surplus = {tier: values[tier] - goals[tier] for tier in Tier}
    return tuple(
        Leg(giver, taker, min(surplus[giver], -surplus[taker]))
        for giver in Tier
        for taker in Tier
        if surplus[giver] > 0 > surplus[taker]
    )


def is_worth_it(leg: Leg, minimum: int, *, urgent: bool) -> bool:
    """Whether a leg is large enough; what leaves L3 for pressing redemptions always is."""
    return leg.amount >= minimum or (urgent and leg.giver is Tier.L3)


def to_action(leg: Leg, goals: TierValues, settlement: Settlement, *, urgent: bool) -> TierAction:
    """Name a leg's type, priority and reason."""
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
    """Sort key of actions: the most urgent first."""
    return action.priority, action.from_tier, action.to_tier


def values_after(values: TierValues, actions: tuple[TierAction, ...]) -> TierValues:
    """The tiers' values once all actions ran without loss."""
    moved = list(values)
    for action in actions:
        moved[action.from_tier] -= action.amount
        moved[action.to_tier] += action.amount
    return per_tier(iter(moved))


def type_of(leg: Leg) -> ActionType:
    """How a leg is called."""
    if leg.taker is Tier.L3:
        return ActionType.PURCHASE
    return ActionType.REDEEM if leg.giver is Tier.L3 else ActionType.TRANSFER


def _priority_of(leg: Leg, *, urgent: bool) -> int:
    if urgent and leg.giver is Tier.L3:
        return URGENT
    return REFILLS.get((leg.giver, leg.taker), DEPLOYMENT)
