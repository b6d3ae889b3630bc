"""The threshold triggers: a tier off its target, an asset or three that are too large."""

from collections.abc import Iterator

from keepers.model.money import WHOLE_BPS
from keepers.model.tier import Tier
from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import Trigger, TriggerKind
from keepers.model.tier_state import Holding, TierState
from keepers.planning.tiers.text import limit, percent, points
from keepers.planning.tiers.trigger_result import Finding

LARGEST = 3


def judge_thresholds(state: TierState, config: TierConfig) -> Iterator[Finding]:
    """Rows for tiers, then for single holdings by asset, then for the largest together."""
    yield from _judge_tiers(state, config)
    yield from _judge_holdings(state, config)
    yield from _judge_largest(state, config)


def _judge_tiers(state: TierState, config: TierConfig) -> Iterator[Finding]:
    total = state.total
    for tier in Tier:
        value, target = state.values[tier], config.band(tier).target
        if abs(value * WHOLE_BPS - target * total) > config.deviation_threshold * total:
            allowed = points(config.deviation_threshold)
            where = f"{tier.name} at {percent(value, total)}"
            reason = f"{where}, more than {allowed} off {limit(target)}"
            trigger = Trigger(TriggerKind.THRESHOLD, tier, reason)
            yield Finding(trigger, names=frozenset({tier}))


def _judge_holdings(state: TierState, config: TierConfig) -> Iterator[Finding]:
    total = state.total
    for holding in sorted(state.holdings, key=lambda each: each.asset):
        if holding.value * WHOLE_BPS > config.asset_concentration * total:
            share, allowed = percent(holding.value, total), limit(config.asset_concentration)
            reason = f"{holding.asset} at {share}, above {allowed}"
            trigger = Trigger(TriggerKind.THRESHOLD, None, reason, asset=holding.asset)
            yield Finding(trigger, due=frozenset({holding.tier}))


def _judge_largest(state: TierState, config: TierConfig) -> Iterator[Finding]:
    largest = sorted(state.holdings, key=_size)[:LARGEST]
    together = sum(holding.value for holding in largest)
    if together * WHOLE_BPS > config.top3_concentration * state.total:
        names = ", ".join(holding.asset for holding in largest)
        share, allowed = percent(together, state.total), limit(config.top3_concentration)
        reason = f"{names} together at {share}, above {allowed}"
        trigger = Trigger(TriggerKind.THRESHOLD, None, reason)
        yield Finding(trigger, due=frozenset(holding.tier for holding in largest))


def _size(holding: Holding) -> tuple[int, str]:
    return -holding.value, holding.asset
