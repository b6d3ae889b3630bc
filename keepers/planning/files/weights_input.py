"""Codec of a planning file for weights: reading, strictly, and the canonical spelling."""

from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.json_document import Json, sorted_canonically
from keepers.model.money import BasisPoints, format_exact, format_units
from keepers.model.weights import (
    AssetHolding,
    Rounding,
    SettlementHolding,
    Spend,
    WeightedPortfolio,
    WeightsRequest,
)
from keepers.planning.files.document import DocumentNode, exact_or, member_path, unless_null

REQUIRED = ("settlement", "assets")
OPTIONAL = ("sell", "spend", "minimum_trade", "max_total_value_loss_bps", "rounding")
HOLDING = ("symbol", "quantity", "price", "decimals")
TARGET = "target_weight_bps"
SLIPPAGES = ("sell_slippage", "buy_slippage")

SPENDS = {spend.value: spend for spend in Spend}
ROUNDINGS = {rounding.value: rounding for rounding in Rounding}


def decode_weights_request(data: bytes) -> WeightsRequest:
    """Read a planning file for weights.

    Args:
        data: The file, UTF-8.

    Raises:
        InputError: Something in it cannot be used; the first such field is named.
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
    """The request as a planning file: complete, normalised, with its lists sorted."""
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
