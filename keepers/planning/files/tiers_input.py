"""Reading a planning file for tiers."""

from keepers.model.errors import InputError
from keepers.model.events import Event, Maturity, PriceMove, Subscription, WindowOpen
from keepers.model.tier import Tier, per_tier
from keepers.model.tier_config import AMOUNT_FIELDS, RATIO_FIELDS, TierConfig
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.model.tier_state import Holding, Settlement, TierState
from keepers.planning.files.node import Node
from keepers.planning.files.tiers_request import TiersRequest

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
    """Read a planning file for tiers.

    Args:
        data: The file, UTF-8.

    Raises:
        InputError: Something in it cannot be used; the first such field is named.
    """
    root = Node.of(data).members(REQUIRED, OPTIONAL)
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


def _items(root: dict[str, Node], name: str) -> list[Node]:
    return root[name].items() if name in root else []


def _settlement(node: Node) -> Settlement:
    members = node.members(("symbol", "decimals"))
    return Settlement(members["symbol"].text(), members["decimals"].decimals())


def _values(node: Node, decimals: int) -> tuple[int, int, int]:
    tiers = node.members(tuple(TIERS))
    values = {name: tiers[name].members(("value",))["value"] for name in TIERS}
    return per_tier(values[tier.name].units(decimals) for tier in Tier)


def _holding(node: Node, decimals: int) -> Holding:
    members = node.members(("asset", "tier", "value"))
    return Holding(
        asset=members["asset"].text(),
        tier=members["tier"].choice(TIERS),
        value=members["value"].units(decimals),
    )


def _event(node: Node, decimals: int) -> Event:
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


def _config(node: Node | None, decimals: int) -> TierConfig:
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
