"""Goals of the tiers.

A named tier moves to its target. The other tiers give or take the difference, in a fixed order and
within their bands. Goals always sum to the vault's total.
"""

from dataclasses import dataclass

from keepers.model.money import share_rounded_down, share_rounded_up
from keepers.model.tier_config import Tier, TierConfig, TierValues, per_tier


@dataclass(frozen=True, slots=True)
class Levels:
    """Minimum, target and maximum of each tier in base units; the targets sum to the total."""

    minimum: TierValues
    target: TierValues
    maximum: TierValues


def levels_of(total: int, config: TierConfig) -> Levels:
    """Convert the bands to amounts.

    Minimums round up, maximums down. Of the targets, L1 rounds up, L2 down, and L3 is the rest.
    """
    bands = [config.band(tier) for tier in Tier]
    cash = share_rounded_up(config.l1_target_ratio, total)
    money_market = share_rounded_down(config.l2_target_ratio, total)
    return Levels(
        minimum=per_tier(share_rounded_up(band.minimum, total) for band in bands),
        target=(cash, money_market, total - cash - money_market),
        maximum=per_tier(share_rounded_down(band.maximum, total) for band in bands),
    )


def goals_for(values: TierValues, named: frozenset[Tier], levels: Levels) -> TierValues:
    """Return the goals if at least one tier is named, before redemptions are considered.

    Args:
        values: The tiers' values.
        named: The tiers that move to their targets, at least one.
        levels: The bands as amounts.
    """
    goals = [levels.target[tier] if tier in named else values[tier] for tier in Tier]
    needed = sum(goals) - sum(values)
    if needed > 0:
        _give(goals, needed, named, levels)
    else:
        _take(goals, -needed, named, levels)
    return per_tier(iter(goals))


def _give(goals: list[int], needed: int, named: frozenset[Tier], levels: Levels) -> None:
    floors = (
        (Tier.L2, levels.target),
        (Tier.L3, levels.target),
        (Tier.L1, levels.target),
        (Tier.L2, levels.minimum),
        (Tier.L3, levels.minimum),
        (Tier.L1, levels.minimum),
    )
    for tier, floor in floors:
        if tier not in named:
            given = min(needed, max(0, goals[tier] - floor[tier]))
            goals[tier] -= given
            needed -= given
    goals[min(named)] -= needed


def _take(goals: list[int], left: int, named: frozenset[Tier], levels: Levels) -> None:
    ceilings = (
        (Tier.L3, levels.target),
        (Tier.L2, levels.target),
        (Tier.L1, levels.target),
        (Tier.L3, levels.maximum),
        (Tier.L2, levels.maximum),
    )
    for tier, ceiling in ceilings:
        if tier not in named:
            taken = min(left, max(0, ceiling[tier] - goals[tier]))
            goals[tier] += taken
            left -= taken
    unnamed = [tier for tier in Tier if tier not in named]
    if left:
        goals[min(unnamed)] += left


def secure_redemptions(goals: TierValues, liquid_need: int, levels: Levels) -> TierValues:
    """Raise L1 until L1 and L2 cover the redemptions due.

    Goals that already cover them stay unchanged. Otherwise all tiers go to their targets, and what
    is still missing moves from L3's goal to L1's, as far as L3 has it.
    """
    if liquid_need <= goals[Tier.L1] + goals[Tier.L2]:
        return goals
    cash, money_market, high_yield = levels.target
    moved = min(high_yield, max(0, liquid_need - cash - money_market))
    return cash + moved, money_market, high_yield - moved
