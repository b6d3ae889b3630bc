"""Amounts of sales (phase 1), and gaps, budget and purchases (phases 3 to 5).

Gaps and budgets are in ten-thousandths of a value unit, so that they are integers if quantities and
targets are.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.weights import Purchase, Quantity, Rounding, Sale, Spend, WeightsRequest
from keepers.planning.weights.book import PortfolioBook, ScaledValue, WeightedPosition, divide


def gaps_of(book: PortfolioBook, sold: Collection[str]) -> dict[str, ScaledValue]:
    """Return the gap of each asset to buy that was not sold: `t * T1 - 10000 * V` if positive.

    Args:
        book: The book after the sales.
        sold: Symbols of the sold assets, which are not bought again.
    """
    total = book.total
    gaps = {
        asset.symbol: asset.target * total - WHOLE_BPS * asset.value
        for asset in book.assets
        if asset.symbol not in sold and asset.payment_limit != 0
    }
    return {symbol: gap for symbol, gap in gaps.items() if gap > 0}


def budget_of(before: PortfolioBook, after: PortfolioBook, spend: Spend) -> ScaledValue:
    """Return the budget of purchases, at most the settlement tokens held.

    Args:
        before: The book before the sales, with `S0` of the settlement token.
        after: The book after the sales, with `S1` of the settlement token and a total of `T1`.
        spend: The surplus, `10000 S1 - t T1`, or the proceeds,
            `10000 (S1 - S0) - max(0, t T1 - 10000 S0)`; not below 0.
    """
    held = WHOLE_BPS * after.settlement.value
    aim = after.settlement.target * after.total
    if spend is Spend.SURPLUS:
        return max(0, held - aim)
    held_before = WHOLE_BPS * before.settlement.value
    return max(0, held - held_before - max(0, aim - held_before))


def split(budget: ScaledValue, gaps: Mapping[str, ScaledValue]) -> dict[str, Fraction]:
    """Split a budget proportionally over gaps; no asset gets more than its gap.

    Args:
        budget: In ten-thousandths of a value unit.
        gaps: By symbol, in ten-thousandths of a value unit, above 0.

    Returns:
        By symbol, `gap * min(budget, gaps) / (10000 * gaps)` in value units, unrounded; empty if
        there is no budget.
    """
    if budget == 0:
        return {}
    together = sum(gaps.values())
    spent = min(budget, together)
    return {symbol: Fraction(gap * spent) / (WHOLE_BPS * together) for symbol, gap in gaps.items()}


def sales_of(book: PortfolioBook, request: WeightsRequest) -> tuple[Sale, ...]:
    """Return the requested sales, else each asset's excess over its target, up to its limit.

    Args:
        book: The portfolio before all trades.
        request: The requested quantities, smallest trade and rounding. The smallest trade limits
            only sales that are not requested, by the value of the rounded quantity.
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


def excess_of(asset: WeightedPosition, total: ScaledValue, rounding: Rounding) -> Quantity:
    """Return the excess over the target, at least 0: `(10000 V - t T) / (10000 P)`, floored."""
    above = WHOLE_BPS * asset.value - asset.target * total
    return divide(max(0, above), WHOLE_BPS * asset.price, rounding)


def received_for(
    asset: WeightedPosition, quantity: Quantity, settlement: WeightedPosition, rounding: Rounding
) -> Quantity:
    """Return the proceeds of a sale: `q * P * (1 - s) / P_s`, floored."""
    return divide(quantity * asset.price * (1 - asset.sell_slippage), settlement.price, rounding)


def after_sales(book: PortfolioBook, sales: tuple[Sale, ...]) -> PortfolioBook:
    """Return the book after the sales."""
    sold = {sale.symbol: sale.quantity for sale in sales}
    return replace(
        book,
        settlement=book.settlement.gained(sum(sale.received for sale in sales)),
        assets=tuple(asset.gained(-sold.get(asset.symbol, 0)) for asset in book.assets),
    )


def _worth(
    asset: WeightedPosition, total: ScaledValue, minimum: ScaledValue, rounding: Rounding
) -> Quantity:
    quantity = excess_of(asset, total, rounding)
    if asset.sale_limit is not None:
        quantity = min(quantity, asset.sale_limit)
    return 0 if quantity * asset.price < minimum else quantity


def _sale(
    book: PortfolioBook, asset: WeightedPosition, quantity: Quantity, rounding: Rounding
) -> Sale:
    received = received_for(asset, quantity, book.settlement, rounding)
    return Sale(
        symbol=asset.symbol,
        quantity=quantity,
        received=received,
        proceeds=book.in_currency(received * book.settlement.price),
    )


def purchases_of(
    book: PortfolioBook, allocations: Mapping[str, Fraction], request: WeightsRequest
) -> tuple[Purchase, ...]:
    """Spend the allocations up to their limits, except those below the smallest trade or one unit.

    Args:
        book: The book after the sales.
        allocations: Value units by symbol.
        request: The rounding, and the smallest trade, compared with the unrounded allocation.
    """
    minimum = request.minimum_trade * book.scale
    purchases = (
        _purchase(book, asset, allocations[asset.symbol], minimum, request.rounding)
        for asset in book.assets
        if asset.symbol in allocations and allocations[asset.symbol] >= minimum
    )
    return tuple(purchase for purchase in purchases if purchase.paid > 0)


def bought_for(
    asset: WeightedPosition, paid: Quantity, settlement: WeightedPosition, rounding: Rounding
) -> Quantity:
    """Return the quantity bought for an amount: `q * P_s / (P * (1 + b))`, floored."""
    return divide(paid * settlement.price, asset.price * (1 + asset.buy_slippage), rounding)


def after_purchases(book: PortfolioBook, purchases: tuple[Purchase, ...]) -> PortfolioBook:
    """Return the book after the purchases."""
    bought = {purchase.symbol: purchase.quantity for purchase in purchases}
    return replace(
        book,
        settlement=book.settlement.gained(-sum(purchase.paid for purchase in purchases)),
        assets=tuple(asset.gained(bought.get(asset.symbol, 0)) for asset in book.assets),
    )


def _purchase(
    book: PortfolioBook,
    asset: WeightedPosition,
    allocation: Fraction,
    minimum: Fraction,
    rounding: Rounding,
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
