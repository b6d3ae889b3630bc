"""Phase 1: what is sold, and what that brings."""

from dataclasses import replace

from keepers.model.money import WHOLE_BPS
from keepers.model.weights import Rounding, WeightsRequest
from keepers.model.weights_plan import Quantity, Sale
from keepers.planning.weights.book import Book, Position, ScaledValue, divide


def sales_of(book: Book, request: WeightsRequest) -> tuple[Sale, ...]:
    """The sales that are asked for, else what every asset has above its target, up to its limit.

    Args:
        book: The portfolio before anything is traded.
        request: The quantities asked for, the smallest trade and the rounding. The smallest trade
            bounds, by the value of the rounded quantity, only sales that are not asked for.
    """
    if request.sell is not None:
        given = request.sell
        quantities = [given.get(asset.symbol, 0) for asset in book.assets]
    else:
        total, minimum = book.total, request.minimum_trade * book.scale
        quantities = [_worth(asset, total, minimum, request.rounding) for asset in book.assets]
    return tuple(
        _sale(book, asset, quantity, request.rounding)
        for asset, quantity in zip(book.assets, quantities, strict=True)
        if quantity > 0
    )


def excess_of(asset: Position, total: ScaledValue, rounding: Rounding) -> Quantity:
    """What an asset has above its target, 0 if nothing: `(10000 V - t T) / (10000 P)`, floored."""
    above = WHOLE_BPS * asset.value - asset.target * total
    return divide(max(0, above), WHOLE_BPS * asset.price, rounding)


def received_for(
    asset: Position, quantity: Quantity, settlement: Position, rounding: Rounding
) -> Quantity:
    """What a sale brings of the settlement token: `q * P * (1 - s) / P_s`, floored."""
    return divide(quantity * asset.price * (1 - asset.sell_slippage), settlement.price, rounding)


def after_sales(book: Book, sales: tuple[Sale, ...]) -> Book:
    """The book once everything is sold."""
    sold = {sale.symbol: sale.quantity for sale in sales}
    return replace(
        book,
        settlement=book.settlement.gained(sum(sale.received for sale in sales)),
        assets=tuple(asset.gained(-sold.get(asset.symbol, 0)) for asset in book.assets),
    )


def _worth(
    asset: Position, total: ScaledValue, minimum: ScaledValue, rounding: Rounding
) -> Quantity:
    quantity = excess_of(asset, total, rounding)
    if asset.sale_limit is not None:
        quantity = min(quantity, asset.sale_limit)
    return 0 if quantity * asset.price < minimum else quantity


def _sale(book: Book, asset: Position, quantity: Quantity, rounding: Rounding) -> Sale:
    received = received_for(asset, quantity, book.settlement, rounding)
    return Sale(
        symbol=asset.symbol,
        quantity=quantity,
        received=received,
        proceeds=book.in_currency(received * book.settlement.price),
    )
