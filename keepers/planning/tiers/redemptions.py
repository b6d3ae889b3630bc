"""Priority of redemptions while L1 and L2 do not cover those due."""

from __future__ import annotations

from dataclasses import replace

from keepers.model.tier_config import Tier, TierConfig, TierValues
from keepers.model.tier_plan import ActionType, TierAction, TierPlan, TriggerKind
from keepers.model.tier_state import TierState
from keepers.planning.tiers.legs import REFILLS, URGENT, approval_for, money, order_of, values_after
from keepers.planning.tiers.triggers import liquid_need


def redemptions_first(
    plan: TierPlan, state: TierState, config: TierConfig, sellable: TierValues
) -> TierPlan:
    """Convert a plan that leaves redemptions uncovered into one that raises all possible cash.

    The chain rejects purchases while redemptions due exceed their share of L1 and L2. So nothing
    goes into L2 or L3: all sales of L3 go to L1, and L2 covers the shortfall.

    Args:
        plan: The tier plan.
        state: The vault that it was planned for.
        config: The share of L1 and L2 that redemptions may take.
        sellable: Sellable amount of each tier; L2 gives what L3 cannot sell.

    Returns:
        The plan unchanged if it covers redemptions or has no triggers.
    """
    cash, money_market, _ = plan.after
    need = liquid_need(state.redemptions_due, config)
    if not plan.triggers or need <= cash + money_market:
        return plan
    given = _given(plan, Tier.L3)
    drawn = min(given, sellable[Tier.L3])
    missing = state.redemptions_due - state.values[Tier.L1] - drawn
    wanted = max(missing, _given(plan, Tier.L2))
    legs = (
        _leg(Tier.L3, given, URGENT, state),
        _leg(Tier.L2, min(wanted, sellable[Tier.L2]), REFILLS[Tier.L2, Tier.L1], state),
    )
    actions = tuple(sorted((each for each in legs if each.amount), key=order_of))
    manual = any(each.kind is TriggerKind.MANUAL for each in plan.triggers)
    return replace(
        plan,
        actions=actions,
        after=values_after(plan.before, actions),
        approval=approval_for(sum(each.amount for each in actions), config, manual=manual),
    )


def _given(plan: TierPlan, tier: Tier) -> int:
    """Return the amount that a tier gives to the other tiers."""
    return sum(each.amount for each in plan.actions if each.from_tier is tier)


def _leg(giver: Tier, amount: int, priority: int, state: TierState) -> TierAction:
    due = money(state.redemptions_due, state.settlement)
    return TierAction(
        type=ActionType.TRANSFER if giver is Tier.L2 else ActionType.REDEEM,
        from_tier=giver,
        to_tier=Tier.L1,
        amount=amount,
        priority=priority,
        reason=f"redemptions of {due} are due, more than L1 and L2 may cover",
    )
