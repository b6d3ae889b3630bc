"""File codec of the tier planner: bytes in, JSON result out."""

from dataclasses import dataclass, replace
from fractions import Fraction

from keepers.model.errors import EXIT_NOT_COVERED, InputError
from keepers.model.json_document import Json, canonical_json, plan_id, sorted_canonically
from keepers.model.money import format_exact, format_rounded, format_units
from keepers.model.tier_config import (
    AMOUNT_FIELDS,
    RATIO_FIELDS,
    Tier,
    TierConfig,
    TierValues,
    per_tier,
)
from keepers.model.tier_plan import (
    AUTO,
    TierAction,
    TierPlan,
    TierTrigger,
    TriggerChoice,
    TriggerKind,
)
from keepers.model.tier_state import (
    Event,
    Maturity,
    PriceMove,
    Settlement,
    Subscription,
    TierHolding,
    TierState,
    WindowOpen,
)
from keepers.planning.files.document import PLANNED, DocumentNode, PlannerAnswer
from keepers.planning.tiers.plan import plan_tiers


@dataclass(frozen=True, slots=True)
class TiersRequest:
    """A snapshot, its configuration and the trigger to evaluate."""

    state: TierState
    config: TierConfig
    trigger: TriggerChoice = AUTO
    weekly: bool = False

    def canonical(self) -> "TiersRequest":
        """Return the same request with its events in canonical order."""
        decimals = self.state.settlement.decimals
        events = sorted(
            self.state.events, key=lambda event: canonical_json(encode_event(event, decimals))
        )
        return replace(self, state=replace(self.state, events=tuple(events)))


def encode_tiers_request(request: TiersRequest) -> dict[str, Json]:
    """Encode the request as a planning file: complete, normalised, with sorted lists."""
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


def encode_holding(holding: TierHolding, decimals: int) -> dict[str, Json]:
    """Encode a holding."""
    value = format_units(holding.value, decimals)
    return {"asset": holding.asset, "tier": holding.tier.name, "value": value}


def encode_event(event: Event, decimals: int) -> dict[str, Json]:
    """Encode an event."""
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
    """Encode all variables of a configuration by their upper-case names."""
    amounts: dict[str, Json] = {
        name.upper(): format_units(getattr(config, name), decimals) for name in AMOUNT_FIELDS
    }
    ratios: dict[str, Json] = {
        name.upper(): format_exact(getattr(config, name)) for name in RATIO_FIELDS
    }
    return amounts | ratios


REQUIRED = ("settlement", "tiers")
OPTIONAL = ("redemptions_due", "holdings", "events", "trigger", "weekly", "config")

TIERS = {tier.name: tier for tier in Tier}
TRIGGERS: dict[str, TriggerChoice] = {AUTO: AUTO, **{kind.value: kind for kind in TriggerKind}}
EVENT_FIELDS = {
    "subscription": ("kind", "amount"),
    "price_move": ("kind", "asset", "change"),
    "window_open": ("kind", "asset"),
    "maturity": ("kind", "asset", "amount"),
}


def decode_tiers_request(data: bytes) -> TiersRequest:
    """Decode a tier planning file.

    Args:
        data: The file, UTF-8.

    Raises:
        InputError: A field is invalid; the first one is named.
    """
    root = DocumentNode.of(data).members(REQUIRED, OPTIONAL)
    settlement = _settlement(root["settlement"])
    decimals = settlement.decimals
    state = TierState(
        settlement=settlement,
        values=_values(root["tiers"], decimals),
        redemptions_due=root["redemptions_due"].units(decimals) if "redemptions_due" in root else 0,
        holdings=tuple(_holding(node, decimals) for node in _items(root, "holdings")),
        events=tuple(_event(node, decimals) for node in _items(root, "events")),
    )
    return TiersRequest(
        state=state,
        config=_config(root.get("config"), decimals),
        trigger=root["trigger"].choice(TRIGGERS) if "trigger" in root else AUTO,
        weekly=root["weekly"].flag() if "weekly" in root else False,
    )


def _items(root: dict[str, DocumentNode], name: str) -> list[DocumentNode]:
    return root[name].items() if name in root else []


def _settlement(node: DocumentNode) -> Settlement:
    members = node.members(("symbol", "decimals"))
    return Settlement(members["symbol"].text(), members["decimals"].decimals())


def _values(node: DocumentNode, decimals: int) -> tuple[int, int, int]:
    tiers = node.members(tuple(TIERS))
    values = {name: tiers[name].members(("value",))["value"] for name in TIERS}
    return per_tier(values[tier.name].units(decimals) for tier in Tier)


def _holding(node: DocumentNode, decimals: int) -> TierHolding:
    members = node.members(("asset", "tier", "value"))
    return TierHolding(
        asset=members["asset"].text(),
        tier=members["tier"].choice(TIERS),
        value=members["value"].units(decimals),
    )


def _event(node: DocumentNode, decimals: int) -> Event:
    entries = node.entries()
    if "kind" not in entries:
        raise InputError(f"{node.path}.kind", "is missing")
    kind = entries["kind"].choice({name: name for name in EVENT_FIELDS})
    members = node.members(EVENT_FIELDS[kind])
    match kind:
        case "subscription":
            return Subscription(members["amount"].units(decimals))
        case "price_move":
            return PriceMove(members["asset"].text(), members["change"].exact(signed=True))
        case "window_open":
            return WindowOpen(members["asset"].text())
        case _:
            return Maturity(members["asset"].text(), members["amount"].units(decimals))


def _config(node: DocumentNode | None, decimals: int) -> TierConfig:
    if node is None:
        return TierConfig.for_token(decimals)
    names = {name.upper(): name for name in (*AMOUNT_FIELDS, *RATIO_FIELDS)}
    given = {names[key]: each for key, each in node.members((), names).items()}
    amounts = {name: given[name].units(decimals) for name in AMOUNT_FIELDS if name in given}
    ratios = {name: given[name].exact() for name in RATIO_FIELDS if name in given}
    try:
        return TierConfig.for_token(decimals, amounts=amounts, ratios=ratios)
    except InputError as error:
        raise error.under(node.path) from error


RATIO_PLACES = 6


def answer_with(plan: TierPlan, *, plan_id: str, decimals: int) -> PlannerAnswer:
    """Encode a plan.

    Args:
        plan: The plan.
        plan_id: The id of the request.
        decimals: Decimals of the settlement token.

    Returns:
        The document; exit status 3 if something is not covered.
    """
    document: dict[str, Json] = {
        "plan_id": plan_id,
        "triggers": [_trigger(trigger) for trigger in plan.triggers],
        "before": _ratios(plan.before),
        "actions": [_action(action, decimals) for action in plan.actions],
        "after": _ratios(plan.after),
        "total_amount": format_units(plan.total_amount, decimals),
        "required_approvals": plan.approval.required,
        "review_afterwards": plan.approval.review_afterwards,
        "approval_deadline_hours": plan.approval.deadline_hours,
        "portfolios_due": [tier.name for tier in plan.portfolios_due],
        "unmet": [
            {"need": unmet.need, "amount": format_units(unmet.amount, decimals)}
            for unmet in plan.unmet
        ],
    }
    return PlannerAnswer(document, EXIT_NOT_COVERED if plan.unmet else PLANNED)


def _trigger(trigger: TierTrigger) -> dict[str, Json]:
    tier = None if trigger.tier is None else trigger.tier.name
    row: dict[str, Json] = {"kind": str(trigger.kind), "tier": tier, "reason": trigger.reason}
    return row if trigger.asset is None else row | {"asset": trigger.asset}


def _action(action: TierAction, decimals: int) -> dict[str, Json]:
    return {
        "type": str(action.type),
        "from_tier": action.from_tier.name,
        "to_tier": action.to_tier.name,
        "amount": format_units(action.amount, decimals),
        "priority": action.priority,
        "depends_on": list(action.depends_on),
        "reason": action.reason,
    }


def _ratios(values: TierValues) -> dict[str, Json]:
    total = sum(values)
    return {
        tier.name: format_rounded(Fraction(values[tier], total), RATIO_PLACES) if total else "0"
        for tier in Tier
    }


COMMAND = "tiers"


def plan_tiers_file(data: bytes) -> PlannerAnswer:
    """Plan the request of a file.

    Raises:
        InputError: A field is invalid; it is named.
    """
    return answer_tiers_request(decode_tiers_request(data))


def answer_tiers_request(request: TiersRequest) -> PlannerAnswer:
    """Plan a request; equal requests have equal ids and results."""
    request = request.canonical()
    plan = plan_tiers(request.state, request.config, request.trigger, weekly=request.weekly)
    return answer_with(
        plan,
        plan_id=plan_id(COMMAND, encode_tiers_request(request)),
        decimals=request.state.settlement.decimals,
    )
