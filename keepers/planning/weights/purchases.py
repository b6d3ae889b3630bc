"""Phase 5: what is bought."""

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

from keepers.model.weights import Rounding, WeightsRequest
from keepers.model.weights_plan import Purchase, Quantity
from keepers.planning.weights.book import Book, Position, divide


def purchases_of(
    book: Book, allocations: Mapping[str, Fraction], request: WeightsRequest
) -> tuple[Purchase, ...]:
    """Spend the allocations up to their limits, but for those below the smallest trade or a unit.

    Args:
        book: The book after the sales.
        allocations: Value units by symbol.
        request: The smallest trade, compared with the allocation before it is rounded, and the
            rounding.
    """
    minimum = request.minimum_trade * book.scale
    purchases = (
        _purchase(book, asset, allocations[asset.symbol], minimum, request.rounding)
        for asset in book.assets
        if asset.symbol in allocations and allocations[asset.symbol] >= minimum
    )
    return tuple(purchase for purchase in purchases if purchase.paid > 0)


def bought_for(
    asset: Position, paid: Quantity, settlement: Position, rounding: Rounding
) -> Quantity:
    """What so much of the settlement token buys: `q * P_s / (P * (1 + b))`, floored."""
    return divide(paid * settlement.price, asset.price * (1 + asset.buy_slippage), rounding)


def after_purchases(book: Book, purchases: tuple[Purchase, ...]) -> Book:
    """The book once everything is bought."""
    bought = {purchase.symbol: purchase.quantity for purchase in purchases}
    return replace(
        book,
        settlement=book.settlement.gained(-sum(purchase.paid for purchase in purchases)),
        assets=tuple(asset.gained(bought.get(asset.symbol, 0)) for asset in book.assets),
    )


def _purchase(
    book: Book, asset: Position, allocation: Fraction, minimum: Fraction, rounding: Rounding
) -> Purchase:
    paid, most = divide(allocation, book.settlement.price, rounding), asset.payment_limit
    if most is not None and paid > most:
        paid = most if most * book.settlement.price >= minimum else 0
    return Purchase(
        symbol=asset.symbol,
        paid=paid,
        spent=book.in_currency(paid * book.settlement.price),
        quantity=bought_for(asset, paid, book.settlement, rounding),
    )
