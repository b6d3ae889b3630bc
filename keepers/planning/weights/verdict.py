"""Whether a contract would go through with a plan."""

from fractions import Fraction

from keepers.model.money import WHOLE_BPS, BasisPoints
from keepers.model.weights_plan import Rejection
from keepers.planning.weights.book import Book


def value_loss(before: Book, after: Book) -> Fraction:
    """What is lost, in basis points of the value before, not rounded."""
    return Fraction(WHOLE_BPS * (before.total - after.total)) / before.total


def rejection_of(before: Book, after: Book, limit: BasisPoints | None) -> Rejection | None:
    """Why the contract would revert, without a division; the loss is judged first.

    Args:
        before: The book before anything is traded.
        after: The book after everything is traded.
        limit: Basis points of the value before that may be lost, at most; None for no limit.
    """
    lost = before.total - after.total
    if limit is not None and WHOLE_BPS * lost > limit * before.total:
        return Rejection.MAX_TOTAL_VALUE_LOSS
    if after.deviation * before.total < before.deviation * after.total:
        return None
    return Rejection.NOT_IMPROVED
