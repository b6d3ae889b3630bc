"""The event triggers: money that came in, prices that moved, windows, maturities."""

from collections.abc import Iterator

from keepers.model.events import Event, Maturity, PriceMove, Subscription, WindowOpen
from keepers.model.money import WHOLE_BPS
from keepers.model.numerals import format_exact
from keepers.model.tier import EVERY_TIER, NO_TIER, Tier
from keepers.model.tier_config import TierConfig
from keepers.model.tier_plan import Trigger, TriggerKind
from keepers.model.tier_state import TierState
from keepers.planning.tiers.text import limit, money
from keepers.planning.tiers.trigger_result import Finding


def judge_events(state: TierState, config: TierConfig) -> Iterator[Finding]:
    """A row for every event that is large enough, in the order of the snapshot."""
    tiers = {holding.asset: holding.tier for holding in state.holdings}
    for event in state.events:
        if not _is_large_enough(event, config):
            continue
        trigger = Trigger(
            TriggerKind.EVENT, None, _reason(event, state, config), asset=_asset(event)
        )
        yield Finding(trigger, names=EVERY_TIER, due=_due(event, tiers))


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
