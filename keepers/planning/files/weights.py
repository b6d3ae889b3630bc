"""File codec of the weights planner: bytes in, JSON result out."""

from collections.abc import Mapping
from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.json_document import Json, plan_id, sorted_canonically
from keepers.model.money import BasisPoints, format_exact, format_rounded, format_units
from keepers.model.weights import (
    AssetHolding,
    PortfolioWeights,
    Purchase,
    Rounding,
    Sale,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsPlan,
    WeightsRequest,
)
from keepers.planning.files.document import (
    DocumentNode,
    PlannerAnswer,
    exact_or,
    member_path,
    unless_null,
)
from keepers.planning.weights.plan import plan_weights

REQUIRED = ("settlement", "assets")
OPTIONAL = ("sell", "spend", "minimum_trade", "max_total_value_loss_bps", "rounding")
HOLDING = ("symbol", "quantity", "price", "decimals")
TARGET = "target_weight_bps"
SLIPPAGES = ("sell_slippage", "buy_slippage")

SPENDS = {spend.value: spend for spend in Spend}
ROUNDINGS = {rounding.value: rounding for rounding in Rounding}


def decode_weights_request(data: bytes) -> WeightsRequest:
    """Decode a weights planning file.

    Args:
        data: The file, UTF-8.

    Raises:
        InputError: A field is invalid; the first one is named.
    """
    root = DocumentNode.of(data).members(REQUIRED, OPTIONAL)
    settlement = _settlement(root["settlement"])
    assets = tuple(_asset(node) for node in root["assets"].items())
    portfolio = WeightedPortfolio(settlement=settlement, assets=assets)
    spend = root["spend"].choice(SPENDS) if "spend" in root else settlement.default_spend
    rounding = root["rounding"].choice(ROUNDINGS) if "rounding" in root else Rounding.TOKEN
    return WeightsRequest(
        portfolio=portfolio,
        sell=unless_null(root.get("sell"), lambda node: _sales(node, assets)),
        spend=spend,
        minimum_trade=exact_or(root.get("minimum_trade"), Fraction(0)),
        maximum_loss=unless_null(root.get("max_total_value_loss_bps"), DocumentNode.exact),
        rounding=rounding,
    )


def _settlement(node: DocumentNode) -> SettlementHolding:
    members = node.members(HOLDING, (TARGET,))
    decimals = members["decimals"].decimals()
    return SettlementHolding(
        symbol=members["symbol"].text(),
        decimals=decimals,
        quantity=members["quantity"].units(decimals),
        price=members["price"].exact(),
        target=unless_null(members.get(TARGET), DocumentNode.exact),
    )


def _asset(node: DocumentNode) -> AssetHolding:
    members = node.members((*HOLDING, TARGET), SLIPPAGES)
    decimals = members["decimals"].decimals()
    return AssetHolding(
        symbol=members["symbol"].text(),
        decimals=decimals,
        quantity=members["quantity"].units(decimals),
        price=members["price"].exact(),
        target=members[TARGET].exact(),
        sell_slippage=exact_or(members.get("sell_slippage"), Fraction(0)),
        buy_slippage=exact_or(members.get("buy_slippage"), Fraction(0)),
    )


def _sales(node: DocumentNode, assets: tuple[AssetHolding, ...]) -> dict[str, int]:
    decimals = {asset.symbol: asset.decimals for asset in assets}
    sales: dict[str, int] = {}
    for symbol, each in node.entries().items():
        if symbol not in decimals:
            raise InputError(member_path(node.path, symbol), "is not one of the assets")
        sales[symbol] = each.units(decimals[symbol])
    return sales


def encode_weights_request(request: WeightsRequest) -> dict[str, Json]:
    """Encode the request as a planning file: complete, normalised, with sorted lists."""
    portfolio = request.portfolio
    return {
        "settlement": _encode_holding(portfolio.settlement),
        "assets": sorted_canonically(_encode_asset(asset) for asset in portfolio.assets),
        "sell": _encode_sales(request),
        "spend": str(request.spend),
        "minimum_trade": format_exact(request.minimum_trade),
        "max_total_value_loss_bps": _encode_optional(request.maximum_loss),
        "rounding": str(request.rounding),
    }


def _encode_holding(holding: SettlementHolding | AssetHolding) -> dict[str, Json]:
    return {
        "symbol": holding.symbol,
        "quantity": format_units(holding.quantity, holding.decimals),
        "price": format_exact(holding.price),
        "decimals": holding.decimals,
        "target_weight_bps": _encode_optional(holding.target),
    }


def _encode_asset(asset: AssetHolding) -> dict[str, Json]:
    return _encode_holding(asset) | {
        "sell_slippage": format_exact(asset.sell_slippage),
        "buy_slippage": format_exact(asset.buy_slippage),
    }


def _encode_sales(request: WeightsRequest) -> dict[str, Json] | None:
    if request.sell is None:
        return None
    decimals = {asset.symbol: asset.decimals for asset in request.portfolio.assets}
    return {
        symbol: format_units(quantity, decimals[symbol])
        for symbol, quantity in request.sell.items()
    }


def _encode_optional(number: BasisPoints | None) -> str | None:
    return None if number is None else format_exact(number)


PLACES = 18
"""Decimal places of a number with no finite decimal expansion."""

LOSS_PLACES = 4

MOST_PLACES = 3000
"""Numbers with more decimal places than this count as having no finite expansion."""

_ENDING = 10**MOST_PLACES


def answer_with(plan: WeightsPlan, *, plan_id: str, decimals: Mapping[str, int]) -> PlannerAnswer:
    """Encode a plan, including one that the contract would reject.

    Args:
        plan: The plan.
        plan_id: The id of the request.
        decimals: Decimals of the assets, by symbol.
    """
    phases: dict[str, Json] = {
        "sell": [_sale(sale, decimals[sale.symbol]) for sale in plan.sales],
        "weights": _numbers(plan.weights),
        "gaps": _numbers(plan.gaps),
        "budget": spell(plan.budget),
        "allocate": _numbers(plan.allocations),
        "buy": [_purchase(each, decimals[each.symbol]) for each in plan.purchases],
    }
    rejection = plan.rejection
    return PlannerAnswer(
        {
            "plan_id": plan_id,
            "phases": phases,
            "before": _weighing(plan.before),
            "after": _weighing(plan.after),
            "value_loss_bps": format_rounded(plan.value_loss, LOSS_PLACES),
            "improved": plan.improved,
            "accepted": plan.accepted,
            "rejected_because": None if rejection is None else str(rejection),
        }
    )


def spell(number: Fraction) -> str:
    """Return a number exactly if its expansion is finite, else rounded half-even at 18 places."""
    if _ENDING % number.denominator == 0:
        return format_exact(number)
    return format_rounded(number, PLACES)


def _sale(sale: Sale, decimals: int) -> dict[str, Json]:
    quantity = spell(Fraction(sale.quantity) / 10**decimals)
    return {"symbol": sale.symbol, "quantity": quantity, "proceeds": spell(sale.proceeds)}


def _purchase(purchase: Purchase, decimals: int) -> dict[str, Json]:
    quantity = spell(Fraction(purchase.quantity) / 10**decimals)
    return {"symbol": purchase.symbol, "spent": spell(purchase.spent), "quantity": quantity}


def _weighing(weighing: PortfolioWeights) -> dict[str, Json]:
    return {
        "total_value": spell(weighing.total_value),
        "weights": _numbers(weighing.weights),
        "settlement_weight": spell(weighing.settlement_weight),
        "deviation": spell(weighing.deviation),
    }


def _numbers(numbers: Mapping[str, Fraction]) -> dict[str, Json]:
    return {symbol: spell(number) for symbol, number in numbers.items()}


COMMAND = "weights"


def plan_weights_file(data: bytes) -> PlannerAnswer:
    """Plan the request of a file.

    Raises:
        InputError: A field is invalid; it is named.
    """
    return answer_weights_request(decode_weights_request(data))


def answer_weights_request(request: WeightsRequest) -> PlannerAnswer:
    """Plan a request; equal requests have equal ids and results."""
    return answer_with(
        plan_weights(request),
        plan_id=plan_id(COMMAND, encode_weights_request(request)),
        decimals={each.symbol: each.decimals for each in request.portfolio.assets},
    )
