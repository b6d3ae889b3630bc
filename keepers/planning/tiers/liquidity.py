"""The liquidity trigger: too little cash, too much of it, or redemptions that outgrow it."""

from collections.abc import Iterator

from keepers.model.money import WHOLE_BPS
from keepers.model.tier import Tier
from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import Trigger, TriggerKind
from keepers.model.tier_state import TierState
from keepers.planning.tiers.text import limit, money, percent
from keepers.planning.tiers.trigger_result import Finding


def redemptions_press(state: TierState, config: TierConfig) -> bool:
    """Whether the redemptions due are above the covered share of L1 and L2."""
    return state.redemptions_due * WHOLE_BPS > config.redemption_coverage * state.liquid


def liquid_need(redemptions_due: int, config: TierConfig) -> int:
    """What L1 and L2 must hold together so that redemptions no longer press, rounded up."""
    return -(-redemptions_due * WHOLE_BPS // config.redemption_coverage)


def judge_liquidity(state: TierState, config: TierConfig) -> Iterator[Finding]:
    """One row for L1, with all of its reasons, or none."""
    reasons = "; ".join(_reasons(state, config))
    if reasons:
        trigger = Trigger(TriggerKind.LIQUIDITY, Tier.L1, reasons)
        yield Finding(trigger, names=frozenset({Tier.L1}))


def _reasons(state: TierState, config: TierConfig) -> Iterator[str]:
    cash, total = state.values[Tier.L1], state.total
    if cash * WHOLE_BPS < config.l1_low_ratio * total:
        yield f"L1 at {percent(cash, total)}, below {limit(config.l1_low_ratio)}"
    if cash * WHOLE_BPS > config.l1_high_ratio * total:
        yield f"L1 at {percent(cash, total)}, above {limit(config.l1_high_ratio)}"
    if redemptions_press(state, config):
        due, allowed = money(state.redemptions_due, state.settlement), config.redemption_coverage
        yield f"redemptions due of {due}, above {limit(allowed)} of L1 and L2"
