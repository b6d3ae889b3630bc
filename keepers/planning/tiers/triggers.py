"""Which triggers fire, which tiers they name and which portfolios they make due."""

from collections.abc import Iterator

from keepers.model.tier import EVERY_TIER, NO_TIER, Tier
from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import Trigger, TriggerChoice, TriggerKind
from keepers.model.tier_state import TierState
from keepers.planning.tiers.events import judge_events
from keepers.planning.tiers.liquidity import judge_liquidity
from keepers.planning.tiers.threshold import judge_thresholds
from keepers.planning.tiers.trigger_result import Finding

PORTFOLIO_TIERS = frozenset({Tier.L2, Tier.L3})


def judge(
    state: TierState, config: TierConfig, choice: TriggerChoice, *, weekly: bool
) -> Iterator[Finding]:
    """Everything that fires: all conditions with `auto`, else those of the chosen kind alone.

    Args:
        state: The snapshot.
        config: The limits to judge it by; every comparison is strict.
        choice: The kind to judge, or `auto`.
        weekly: Whether a scheduled plan is the weekly one, which also looks at weights.
    """
    match choice:
        case "auto":
            yield from judge_liquidity(state, config)
            yield from judge_thresholds(state, config)
            yield from judge_events(state, config)
        case TriggerKind.LIQUIDITY:
            yield from judge_liquidity(state, config)
        case TriggerKind.THRESHOLD:
            yield from judge_thresholds(state, config)
        case TriggerKind.EVENT:
            yield from judge_events(state, config)
        case TriggerKind.SCHEDULED:
            reason = "weekly check of tiers and weights" if weekly else "daily check of tiers"
            due = PORTFOLIO_TIERS if weekly else NO_TIER
            yield Finding(Trigger(choice, None, reason), names=EVERY_TIER, due=due)
        case TriggerKind.MANUAL:
            yield Finding(Trigger(choice, None, "asked for by a person"), names=EVERY_TIER)
