"""Plan for the weights of a portfolio, in five phases."""

from fractions import Fraction

from keepers.model.errors import InputError
from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.weights import Rejection, WeightsPlan, WeightsRequest
from keepers.planning.weights.book import PortfolioBook, book_of
from keepers.planning.weights.trades import (
    after_purchases,
    after_sales,
    budget_of,
    gaps_of,
    purchases_of,
    sales_of,
    split,
)


def value_loss(before: PortfolioBook, after: PortfolioBook) -> Fraction:
    """Return the loss in basis points of the value before, unrounded."""
    return Fraction(WHOLE_BPS * (before.total - after.total)) / before.total


def rejection_of(
    before: PortfolioBook, after: PortfolioBook, limit: BasisPoints | None
) -> Rejection | None:
    """Return the contract's revert reason, computed without division; the loss is checked first.

    Args:
        before: The book before all trades.
        after: The book after all trades.
        limit: Maximum loss in basis points of the value before; None for no limit.
    """
    lost = before.total - after.total
    if limit is not None and WHOLE_BPS * lost > limit * before.total:
        return Rejection.MAX_TOTAL_VALUE_LOSS
    if after.deviation * before.total < before.deviation * after.total:
        return None
    return Rejection.NOT_IMPROVED


def plan_weights(request: WeightsRequest) -> WeightsPlan:
    """Plan sales and purchases that move weights to their targets; pure and deterministic.

    Args:
        request: The portfolio, requested sales, and limits; the order of assets is irrelevant.

    Returns:
        The plan. No purchase exceeds its gap, no asset is both sold and bought, and spending stays
        within the budget.

    Raises:
        InputError: Rounded trades leave a total value of 0.
    """
    before = book_of(request)
    sales = sales_of(before, request)
    middle = _with_value(after_sales(before, sales))
    gaps = gaps_of(middle, {sale.symbol for sale in sales})
    budget = budget_of(before, middle, request.spend)
    allocations = split(budget, gaps)
    purchases = purchases_of(middle, allocations, request)
    after = _with_value(after_purchases(middle, purchases))
    whole = WHOLE_BPS * middle.total
    return WeightsPlan(
        sales=sales,
        weights=middle.weights(),
        gaps={symbol: Fraction(gap) / whole for symbol, gap in gaps.items()},
        budget=before.in_currency(budget) / WHOLE_BPS,
        allocations={symbol: before.in_currency(each) for symbol, each in allocations.items()},
        purchases=purchases,
        before=before.weighed(),
        after=after.weighed(),
        value_loss=value_loss(before, after),
        rejection=rejection_of(before, after, request.maximum_loss),
    )


def _with_value(book: PortfolioBook) -> PortfolioBook:
    if book.total == 0:
        raise InputError("assets", "are worth so little that trades leave a total value of 0")
    return book
