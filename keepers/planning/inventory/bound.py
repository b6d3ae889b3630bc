"""A bound on the number of transfers that follows from counting alone."""

from collections.abc import Iterable

from keepers.planning.inventory.market import Market


def simple_bound(market: Market, covered: Iterable[int]) -> int:
    """The covered triggers, or the least number of largest surpluses that sum to their deficits."""
    sinks = list(covered)
    missing = sum(market.deficit_in_finest(sink) for sink in sinks)
    supplies = (each.amount * 10 ** (market.finest - each.decimals) for each in market.surpluses)
    sources = 0
    for amount in sorted(supplies, reverse=True):
        if missing <= 0:
            break
        missing, sources = missing - amount, sources + 1
    return max(len(sinks), sources)
