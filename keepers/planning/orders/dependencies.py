"""Which sale pays for which purchase."""

from collections.abc import Sequence


def fund(sales: Sequence[int], purchases: Sequence[int]) -> list[list[tuple[int, int]]]:
    """Pay purchases from sales, both in their order, each sale spent before the next.

    Args:
        sales: Proceeds of each sale in base units.
        purchases: What each purchase spends; in total no more than the sales bring.

    Returns:
        For each purchase the sales that it draws on, as pairs of index and amount.
    """
    left = list(sales)
    funding: list[list[tuple[int, int]]] = []
    for purchase in purchases:
        drawn: list[tuple[int, int]] = []
        for index, available in enumerate(left):
            taken = min(available, purchase - sum(amount for _, amount in drawn))
            if taken > 0:
                drawn.append((index, taken))
                left[index] -= taken
        funding.append(drawn)
    return funding
