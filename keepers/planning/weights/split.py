"""Phases 3 and 4: what assets lack, what may be spent, and who gets how much of it.

Gaps and budgets are in ten-thousandths of a value unit, so that they are whole where quantities and
targets are.
"""

from collections.abc import Collection, Mapping
from fractions import Fraction

from keepers.model.money import WHOLE_BPS
from keepers.model.weights import Spend
from keepers.planning.weights.book import Book, ScaledValue


def gaps_of(book: Book, sold: Collection[str]) -> dict[str, ScaledValue]:
    """What each asset that was not sold and may be bought lacks: `t * T1 - 10000 * V`, if positive.

    Args:
        book: The book after the sales.
        sold: Symbols of what was sold, which is not bought again.
    """
    total = book.total
    gaps = {
        asset.symbol: asset.target * total - WHOLE_BPS * asset.value
        for asset in book.assets
        if asset.symbol not in sold and asset.payment_limit != 0
    }
    return {symbol: gap for symbol, gap in gaps.items() if gap > 0}


def budget_of(before: Book, after: Book, spend: Spend) -> ScaledValue:
    """What purchases may take; never more than the settlement token that is there.

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
    """Split a budget over gaps in proportion; none gets more than its gap.

    Args:
        budget: In ten-thousandths of a value unit.
        gaps: By symbol, in ten-thousandths of a value unit, above 0.

    Returns:
        By symbol, `gap * min(budget, gaps) / (10000 * gaps)` in value units, never rounded; empty
        where there is no budget.
    """
    if budget == 0:
        return {}
    together = sum(gaps.values())
    spent = min(budget, together)
    return {symbol: Fraction(gap * spent) / (WHOLE_BPS * together) for symbol, gap in gaps.items()}
