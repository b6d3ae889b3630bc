"""What a planning file for tiers asks."""

from dataclasses import dataclass, replace

from keepers.model.events import Event, Maturity, PriceMove, Subscription, WindowOpen
from keepers.model.numerals import format_exact, format_units
from keepers.model.tier import Tier
from keepers.model.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, TierConfig
from keepers.model.tier_plan import AUTO, TriggerChoice
from keepers.model.tier_state import Holding, TierState
from keepers.planning.files.canonical import Json, canonical_json, sorted_canonically


@dataclass(frozen=True, slots=True)
class TiersRequest:
    """A snapshot, the configuration to plan it by, and the trigger to judge."""

    state: TierState
    config: TierConfig
    trigger: TriggerChoice = AUTO
    weekly: bool = False

    def canonical(self) -> "TiersRequest":
        """The same request with its events in the order of the canonical input."""
        decimals = self.state.settlement.decimals
        events = sorted(
            self.state.events, key=lambda event: canonical_json(encode_event(event, decimals))
        )
        return replace(self, state=replace(self.state, events=tuple(events)))


def encode_tiers_request(request: TiersRequest) -> dict[str, Json]:
    """The request as a planning file: complete, normalised, with its lists sorted."""
    state = request.state
    decimals = state.settlement.decimals
    holdings = (encode_holding(holding, decimals) for holding in state.holdings)
    events = (encode_event(event, decimals) for event in state.events)
    return {
        "settlement": {"symbol": state.settlement.symbol, "decimals": decimals},
        "tiers": {
            tier.name: {"value": format_units(state.values[tier], decimals)} for tier in Tier
        },
        "redemptions_due": format_units(state.redemptions_due, decimals),
        "holdings": sorted_canonically(holdings),
        "events": sorted_canonically(events),
        "trigger": str(request.trigger),
        "weekly": request.weekly,
        "config": encode_config(request.config, decimals),
    }


def encode_holding(holding: Holding, decimals: int) -> dict[str, Json]:
    """A holding as a planning file spells it."""
    value = format_units(holding.value, decimals)
    return {"asset": holding.asset, "tier": holding.tier.name, "value": value}


def encode_event(event: Event, decimals: int) -> dict[str, Json]:
    """An event as a planning file spells it."""
    match event:
        case Subscription(amount):
            return {"kind": "subscription", "amount": format_units(amount, decimals)}
        case PriceMove(asset, change):
            return {"kind": "price_move", "asset": asset, "change": format_exact(change)}
        case WindowOpen(asset):
            return {"kind": "window_open", "asset": asset}
        case Maturity(asset, amount):
            paid = format_units(amount, decimals)
            return {"kind": "maturity", "asset": asset, "amount": paid}


def encode_config(config: TierConfig, decimals: int) -> dict[str, Json]:
    """All variables of a configuration, by their upper-case names."""
    amounts: dict[str, Json] = {
        name.upper(): format_units(getattr(config, name), decimals) for name in AMOUNT_FIELDS
    }
    ratios: dict[str, Json] = {
        name.upper(): format_exact(getattr(config, name)) for name in RATIO_FIELDS
    }
    return amounts | ratios
