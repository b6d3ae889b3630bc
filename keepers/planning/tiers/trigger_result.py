"""The result of judging one possible trigger."""

from dataclasses import dataclass

from keepers.model.tier import NO_TIER, Tier
from keepers.model.tier_plan import Trigger


@dataclass(frozen=True, slots=True)
class Finding:
    """A trigger, the tiers that it sends to their targets, and the portfolios that it makes due."""

    trigger: Trigger
    names: frozenset[Tier] = NO_TIER
    due: frozenset[Tier] = NO_TIER
