"""Which triggers are covered when not all can be."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from keepers.planning.inventory.deadline import Deadline
from keepers.planning.inventory.fewest import Fewest, fewest_transfers
from keepers.planning.inventory.market import Market
from keepers.planning.inventory.needs import total_deficit, total_surplus


@dataclass(frozen=True, slots=True)
class Covered:
    """The triggers that are covered, and how."""

    triggers: tuple[int, ...]
    market: Market
    fewest: Fewest


def best_cover(market: Market, deadline: Deadline) -> Covered:
    """As many triggers as can be covered, then the larger total, then the smaller chain ids.

    Raises:
        OutOfTimeError: The deadline passed before that was known.
    """
    for chosen in _choices(market):
        deadline.check()
        smaller = market.for_triggers(chosen)
        found = fewest_transfers(smaller, deadline)
        if found is not None:
            return Covered(chosen, smaller, found)
    raise AssertionError("nothing can always be covered")


def _choices(market: Market) -> Iterator[tuple[int, ...]]:
    """Sets of triggers that surpluses suffice for, the best first."""
    supply = total_surplus(market.surpluses)
    served = {edge.sink for edge in market.edges}
    for size in range(len(served), -1, -1):
        sets = [(_total(market, chosen), chosen) for chosen in combinations(sorted(served), size)]
        sets.sort(key=lambda each: (-each[0], each[1]))
        yield from (chosen for total, chosen in sets if total <= supply)


def _total(market: Market, chosen: tuple[int, ...]) -> Fraction:
    return total_deficit(market.triggers[index] for index in chosen)
