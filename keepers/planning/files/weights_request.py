"""What a planning file for weights asks, as the file spells it."""

from keepers.model.money import BasisPoints
from keepers.model.numerals import format_exact, format_units
from keepers.model.weights import AssetHolding, SettlementHolding, WeightsRequest
from keepers.planning.files.canonical import Json, sorted_canonically


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
