"""Triggers that fire, with the tiers they name and the portfolios they make due."""

from collections.abc import Iterator
from dataclasses import dataclass

from keepers.model.money import WHOLE_BPS, format_exact
from keepers.model.tier_config import EVERY_TIER, NO_TIER, Tier, TierConfig
from keepers.model.tier_plan import TierTrigger, TriggerChoice, TriggerKind
from keepers.model.tier_state import (
    Event,
    Maturity,
    PriceMove,
    Subscription,
    TierHolding,
    TierState,
    WindowOpen,
)
from keepers.planning.tiers.legs import limit, money, percent, points


@dataclass(frozen=True, slots=True)
class TriggerResult:
    """A trigger with the tiers it sends to their targets and the portfolios it makes due."""

    trigger: TierTrigger
    names: frozenset[Tier] = NO_TIER
    due: frozenset[Tier] = NO_TIER


def evaluate_events(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    """Yield a row for every event that is large enough, in snapshot order."""
    tiers = {holding.asset: holding.tier for holding in state.holdings}
    for event in state.events:
        if not _is_large_enough(event, config):
            continue
        trigger = TierTrigger(
            TriggerKind.EVENT, None, _reason(event, state, config), asset=_asset(event)
        )
        yield TriggerResult(trigger, names=EVERY_TIER, due=_due(event, tiers))


def _is_large_enough(event: Event, config: TierConfig) -> bool:
    match event:
        case Subscription(amount):
            return amount > config.event_subscription_amount
        case PriceMove(_, change):
            return abs(change) * WHOLE_BPS > config.event_price_move
        case WindowOpen() | Maturity():
            return True


def _reason(event: Event, state: TierState, config: TierConfig) -> str:
    match event:
        case Subscription(amount):
            allowed = money(config.event_subscription_amount, state.settlement)
            return f"subscription of {money(amount, state.settlement)}, above {allowed}"
        case PriceMove(asset, change):
            allowed = limit(config.event_price_move)
            return f"price of {asset} moved by {format_exact(100 * change)} %, beyond {allowed}"
        case WindowOpen(asset):
            return f"window of {asset} is open"
        case Maturity(asset, amount):
            return f"{asset} matures and pays {money(amount, state.settlement)}"


def _asset(event: Event) -> str | None:
    match event:
        case Subscription():
            return None
        case PriceMove(asset) | WindowOpen(asset) | Maturity(asset):
            return asset


def _due(event: Event, tiers: dict[str, Tier]) -> frozenset[Tier]:
    match event:
        case PriceMove(asset):
            return frozenset({tiers[asset]})
        case Subscription() | WindowOpen() | Maturity():
            return NO_TIER


LARGEST = 3


def evaluate_thresholds(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    """Yield rows for tiers, for single holdings by asset, and for the largest holdings."""
    yield from _evaluate_tiers(state, config)
    yield from _evaluate_holdings(state, config)
    yield from _evaluate_largest(state, config)


def _evaluate_tiers(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    total = state.total
    for tier in Tier:
        value, target = state.values[tier], config.band(tier).target
        if abs(value * WHOLE_BPS - target * total) > config.deviation_threshold * total:
            allowed = points(config.deviation_threshold)
            where = f"{tier.name} at {percent(value, total)}"
            reason = f"{where}, more than {allowed} off {limit(target)}"
            trigger = TierTrigger(TriggerKind.THRESHOLD, tier, reason)
            yield TriggerResult(trigger, names=frozenset({tier}))


def _evaluate_holdings(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    total = state.total
    for holding in sorted(state.holdings, key=lambda each: each.asset):
        if holding.value * WHOLE_BPS > config.asset_concentration * total:
            share, allowed = percent(holding.value, total), limit(config.asset_concentration)
            reason = f"{holding.asset} at {share}, above {allowed}"
            trigger = TierTrigger(TriggerKind.THRESHOLD, None, reason, asset=holding.asset)
            yield TriggerResult(trigger, due=frozenset({holding.tier}))


def _evaluate_largest(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    largest = sorted(state.holdings, key=_size)[:LARGEST]
    together = sum(holding.value for holding in largest)
    if together * WHOLE_BPS > config.top3_concentration * state.total:
        names = ", ".join(holding.asset for holding in largest)
        share, allowed = percent(together, state.total), limit(config.top3_concentration)
        reason = f"{names} together at {share}, above {allowed}"
        trigger = TierTrigger(TriggerKind.THRESHOLD, None, reason)
        yield TriggerResult(trigger, due=frozenset(holding.tier for holding in largest))


def _size(holding: TierHolding) -> tuple[int, str]:
    return -holding.value, holding.asset


def redemptions_press(state: TierState, config: TierConfig) -> bool:
    """Return whether the redemptions due are above the covered share of L1 and L2."""
    return state.redemptions_due * WHOLE_BPS > config.redemption_coverage * state.liquid


def liquid_need(redemptions_due: int, config: TierConfig) -> int:
    """Return the minimum of L1 plus L2 that covers redemptions, rounded up."""
    return -(-redemptions_due * WHOLE_BPS // config.redemption_coverage)


def evaluate_liquidity(state: TierState, config: TierConfig) -> Iterator[TriggerResult]:
    """Yield one row for L1 with all its reasons, or none."""
    reasons = "; ".join(_reasons(state, config))
    if reasons:
        trigger = TierTrigger(TriggerKind.LIQUIDITY, Tier.L1, reasons)
        yield TriggerResult(trigger, names=frozenset({Tier.L1}))


def _reasons(state: TierState, config: TierConfig) -> Iterator[str]:
    cash, total = state.values[Tier.L1], state.total
    if cash * WHOLE_BPS < config.l1_low_ratio * total:
        yield f"L1 at {percent(cash, total)}, below {limit(config.l1_low_ratio)}"
    if cash * WHOLE_BPS > config.l1_high_ratio * total:
        yield f"L1 at {percent(cash, total)}, above {limit(config.l1_high_ratio)}"
    if redemptions_press(state, config):
        due, allowed = money(state.redemptions_due, state.settlement), config.redemption_coverage
        yield f"redemptions due of {due}, above {limit(allowed)} of L1 and L2"


PORTFOLIO_TIERS = frozenset({Tier.L2, Tier.L3})


def evaluate_triggers(
    state: TierState, config: TierConfig, choice: TriggerChoice, *, weekly: bool
) -> Iterator[TriggerResult]:
    """Yield all triggers that fire: every kind with `auto`, else only the chosen kind.

    Args:
        state: The snapshot.
        config: The limits; every comparison is strict.
        choice: The kind to evaluate, or `auto`.
        weekly: Whether a scheduled plan is the weekly one, which also checks weights.
    """
    match choice:
        case "auto":
            yield from evaluate_liquidity(state, config)
            yield from evaluate_thresholds(state, config)
            yield from evaluate_events(state, config)
        case TriggerKind.LIQUIDITY:
            yield from evaluate_liquidity(state, config)
        case TriggerKind.THRESHOLD:
            yield from evaluate_thresholds(state, config)
        case TriggerKind.EVENT:
            yield from evaluate_events(state, config)
        case TriggerKind.SCHEDULED:
            reason = "weekly check of tiers and weights" if weekly else "daily check of tiers"
            due = PORTFOLIO_TIERS if weekly else NO_TIER
            yield TriggerResult(TierTrigger(choice, None, reason), names=EVERY_TIER, due=due)
        case TriggerKind.MANUAL:
            yield TriggerResult(
                TierTrigger(choice, None, "requested by an operator"), names=EVERY_TIER
            )
