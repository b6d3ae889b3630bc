"""Tier plan from a vault's snapshot."""

from keepers.model.tier_config import NO_TIER, Tier, TierConfig, TierValues
from keepers.model.tier_plan import (
    AUTO,
    TierAction,
    TierPlan,
    TriggerChoice,
    TriggerKind,
    Unmet,
)
from keepers.model.tier_state import TierState
from keepers.planning.tiers.goals import goals_for, levels_of, secure_redemptions
from keepers.planning.tiers.legs import (
    approval_for,
    is_worth_it,
    legs_between,
    order_of,
    to_action,
    values_after,
)
from keepers.planning.tiers.triggers import evaluate_triggers, liquid_need, redemptions_press


def plan_tiers(
    state: TierState,
    config: TierConfig,
    trigger: TriggerChoice = AUTO,
    *,
    weekly: bool = False,
) -> TierPlan:
    """Plan the movements between tiers; pure and deterministic, in integers.

    Args:
        state: The current vault, in base units of its settlement token.
        config: Targets, bands and thresholds, in the same base units and in basis points.
        trigger: The kind of trigger to evaluate, or `auto`.
        weekly: Whether a scheduled plan is the weekly one.

    Returns:
        The plan. Value is conserved, no leg moves a tier past its goal, and replanning the
        resulting state without events gives only legs below the minimum.
    """
    findings = tuple(evaluate_triggers(state, config, trigger, weekly=weekly))
    named = NO_TIER.union(*(finding.names for finding in findings))
    actions = _actions(state, config, named)
    total = sum(action.amount for action in actions)
    return TierPlan(
        triggers=tuple(finding.trigger for finding in findings),
        before=state.values,
        actions=actions,
        after=values_after(state.values, actions),
        approval=approval_for(total, config, manual=trigger == TriggerKind.MANUAL),
        portfolios_due=tuple(sorted(NO_TIER.union(*(finding.due for finding in findings)))),
        unmet=_unmet(state),
    )


def goals_of(state: TierState, config: TierConfig, named: frozenset[Tier]) -> TierValues:
    """Return the goals of the tiers, redemptions included; the current values if none is named."""
    if not named:
        return state.values
    levels = levels_of(state.total, config)
    need = liquid_need(state.redemptions_due, config)
    return secure_redemptions(goals_for(state.values, named, levels), need, levels)


def _actions(
    state: TierState, config: TierConfig, named: frozenset[Tier]
) -> tuple[TierAction, ...]:
    urgent = redemptions_press(state, config)
    goals = goals_of(state, config, named)
    minimum = config.rebalance_min_amount
    actions = [
        to_action(leg, goals, state.settlement, urgent=urgent)
        for leg in legs_between(state.values, goals)
        if is_worth_it(leg, minimum, urgent=urgent)
    ]
    return tuple(sorted(actions, key=order_of))


def _unmet(state: TierState) -> tuple[Unmet, ...]:
    missing = state.redemptions_due - state.total
    return (Unmet("redemptions", missing),) if missing > 0 else ()
