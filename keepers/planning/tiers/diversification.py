"""Trades within a tier if one asset or the three largest exceed their share of the vault."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.order import AssetPosition
from keepers.model.tier_config import Tier, TierConfig
from keepers.model.tier_plan import ActionType, TierAction, TierPlan, TierTrigger, TriggerKind
from keepers.model.tier_state import Settlement
from keepers.planning.tiers.legs import DEPLOYMENT, approval_for, limit, money, percent
from keepers.planning.tiers.triggers import LARGEST

Positions = Sequence[AssetPosition]


@dataclass(frozen=True, slots=True)
class Diversified:
    """A plan with the trades that a concentration requires.

    Attributes:
        plan: The plan, with a leg from each concentrated tier to itself.
        idle: Reasons why nothing is traded despite a concentration; empty if something is traded.
    """

    plan: TierPlan
    idle: tuple[str, ...] = ()


def diversify(
    plan: TierPlan, positions: Positions, config: TierConfig, settlement: Settlement
) -> Diversified:
    """Add legs that bring concentrated tiers to their target weights.

    Return the plan unchanged if it has actions, since these correct weights as well.

    Args:
        plan: The tier plan; its triggers name the concentrations.
        positions: All holdings, with their target weights.
        config: The limits and the smallest trade.
        settlement: The token of the amounts in reasons.
    """
    causes = [each for each in plan.triggers if _is_concentration(each)]
    if not causes or plan.actions:
        return Diversified(plan)
    concentrated = [each for cause in causes for each in _meant(cause, positions)]
    tiers = sorted({each.tier for each in concentrated})
    ideals = _ideals(plan, positions)
    legs = tuple(
        _leg(tier, amount)
        for tier in tiers
        if (amount := _excess(tier, positions, ideals)) >= config.rebalance_min_amount
    )
    if not legs:
        contradictions = list(_contradictions(causes, positions, ideals, sum(plan.after), config))
        least = money(config.rebalance_min_amount, settlement)
        return Diversified(plan, _idle(causes, contradictions, least))
    manual = any(each.kind is TriggerKind.MANUAL for each in plan.triggers)
    total = sum(each.amount for each in legs)
    approval = approval_for(total, config, manual=manual)
    return Diversified(replace(plan, actions=legs, approval=approval))


def _is_concentration(trigger: TierTrigger) -> bool:
    return trigger.kind is TriggerKind.THRESHOLD and trigger.tier is None


def _meant(trigger: TierTrigger, positions: Positions) -> Positions:
    """Return the holding that a trigger names, or the largest ones."""
    if trigger.asset is not None:
        return [each for each in positions if each.asset == trigger.asset]
    return sorted(positions, key=lambda each: (-each.value, each.asset))[:LARGEST]


def _ideals(plan: TierPlan, positions: Positions) -> Mapping[str, Fraction]:
    """Return the value of each holding at its target weight."""
    weights = {
        tier: Fraction(sum(Fraction(each.target_weight) for each in positions if each.tier is tier))
        for tier in Tier
    }
    return {
        each.asset: plan.after[each.tier] * Fraction(each.target_weight) / weights[each.tier]
        if weights[each.tier]
        else Fraction(0)
        for each in positions
    }


def _excess(tier: Tier, positions: Positions, ideals: Mapping[str, Fraction]) -> int:
    """Return the sum of the values above ideal of a tier's holdings."""
    inside = (each for each in positions if each.tier is tier)
    return sum(max(0, int(each.value - ideals[each.asset])) for each in inside)


def _leg(tier: Tier, amount: int) -> TierAction:
    return TierAction(
        type=ActionType.DIVERSIFY,
        from_tier=tier,
        to_tier=tier,
        amount=amount,
        priority=DEPLOYMENT,
        reason=f"too much of the vault in few holdings; {tier.name} goes to its target weights",
    )


def _idle(
    causes: Sequence[TierTrigger], contradictions: Sequence[str], least: str
) -> tuple[str, ...]:
    """Return the reasons why nothing is traded despite a concentration."""
    if contradictions:
        return tuple(contradictions)
    said = "; ".join(each.reason for each in causes)
    return (f"{said}: the excess above target weight is less than REBALANCE_MIN_AMOUNT, {least}",)


def _contradictions(
    causes: Sequence[TierTrigger],
    positions: Positions,
    ideals: Mapping[str, Fraction],
    total: int,
    config: TierConfig,
) -> Iterator[str]:
    """Yield the reasons why targets can never satisfy a limit."""
    for cause in causes:
        meant = _meant(cause, positions)
        at_target = int(sum(ideals[each.asset] for each in meant))
        allowed, name = config.top3_concentration, "TOP3_CONCENTRATION"
        if cause.asset is not None:
            allowed, name = config.asset_concentration, "ASSET_CONCENTRATION"
        if at_target * WHOLE_BPS > allowed * total:
            names = ", ".join(each.asset for each in meant)
            yield (
                f"{cause.reason}, and no trade can change it: at their target weights {names} "
                f"are {percent(at_target, total)} of the vault, above {name} of "
                f"{limit(allowed)}; lower their targets on chain, or raise that setting"
            )
