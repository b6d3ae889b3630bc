"""Choice of the triggers to cover if not all can be covered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from math import comb

from keepers.planning.inventory.fewest import Fewest, fewest_transfers
from keepers.planning.inventory.market import AssetMarket
from keepers.planning.inventory.solution import OutOfTimeError, PlanningDeadline

MOST_SETS = 20_000
"""Maximum number of sets of one size to sort; beyond it one good set is tried without proof."""


@dataclass(frozen=True, slots=True)
class Covered:
    """The covered triggers and their solution."""

    triggers: tuple[int, ...]
    market: AssetMarket
    fewest: Fewest


def best_cover(market: AssetMarket, deadline: PlanningDeadline) -> Covered:
    """Cover as many triggers as possible, then the larger total, then the smaller chain ids.

    Raises:
        OutOfTimeError: The deadline passed before the optimum was known, or there are too many
            sets.
    """
    deficits = [market.deficit_in_finest(sink) for sink in range(len(market.deficits))]
    supply = sum(market.supply_in_finest(source) for source in range(len(market.supplies)))
    served = sorted({edge.sink for edge in market.edges})
    for size in range(_most(served, deficits, supply), -1, -1):
        if comb(len(served), size) > MOST_SETS:
            return _unproven(market, _good_set(served, deficits, supply, size), deadline)
        for chosen in _sets(served, deficits, supply, size):
            deadline.check()
            smaller = market.for_triggers(chosen)
            found = fewest_transfers(smaller, deadline)
            if found is not None:
                return Covered(chosen, smaller, found)
    raise AssertionError("the empty set can always be covered")


def _most(served: Sequence[int], deficits: Sequence[int], supply: int) -> int:
    """Return how many triggers the surpluses can cover."""
    needed = 0
    for number, deficit in enumerate(sorted(deficits[sink] for sink in served)):
        needed += deficit
        if needed > supply:
            return number
    return len(served)


def _sets(
    served: Sequence[int], deficits: Sequence[int], supply: int, size: int
) -> Iterator[tuple[int, ...]]:
    """Yield the sets of this size that the surpluses can cover, the best first.

    Sets with equal sums keep the order of `combinations`: smaller positions first.
    """
    sets = [
        (sum(deficits[sink] for sink in chosen), chosen) for chosen in combinations(served, size)
    ]
    sets.sort(key=lambda each: -each[0])
    yield from (chosen for total, chosen in sets if total <= supply)


def _good_set(
    served: Sequence[int], deficits: Sequence[int], supply: int, size: int
) -> tuple[int, ...]:
    """Take the smallest deficits, then exchange each for the largest other one that fits."""
    order = sorted(served, key=lambda sink: deficits[sink])
    chosen, others = order[:size], order[size:]
    room = supply - sum(deficits[sink] for sink in chosen)
    for position, sink in reversed(list(enumerate(chosen))):
        fitting = [other for other in others if 0 < deficits[other] - deficits[sink] <= room]
        if fitting:
            best = max(fitting, key=lambda other: deficits[other])
            room -= deficits[best] - deficits[sink]
            others[others.index(best)] = sink
            chosen[position] = best
    return tuple(sorted(chosen))


def _unproven(market: AssetMarket, chosen: tuple[int, ...], deadline: PlanningDeadline) -> Covered:
    """Cover a set that may not be optimal."""
    smaller = market.for_triggers(chosen)
    found = fewest_transfers(smaller, deadline)
    if found is None:
        raise OutOfTimeError
    solution = replace(found.solution, finished=False)
    return Covered(chosen, smaller, replace(found, solution=solution))
