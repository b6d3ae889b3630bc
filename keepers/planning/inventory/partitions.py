"""Fewest edges if every source can serve every trigger, computed from sums alone.

A set whose sources suffice for its triggers is independent and takes one edge less than its size.
The best partition into such sets is searched. Sets are bit masks with a bit for each trigger and
each source, triggers first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepers.planning.inventory.solution import PlanningDeadline


class Subsets:
    """Cached subsets by set; larger sets are built from smaller ones."""

    def __init__(self) -> None:
        self._known: dict[int, NDArray[np.int64]] = {0: np.zeros(1, dtype=np.int64)}

    def of(self, mask: int) -> NDArray[np.int64]:
        """Return all subsets of a set, including the empty set and the set itself."""
        found = self._known.get(mask)
        if found is None:
            highest = 1 << (mask.bit_length() - 1)
            smaller = self.of(mask ^ highest)
            found = np.concatenate([smaller, smaller | highest])
            self._known[mask] = found
        return found


FEW_SETS = 500
"""Maximum number of sets for which iterating over them beats iterating over all subsets."""

PATIENCE = 128
"""Number of sets between two deadline checks."""

_UNCOVERED = 2**30
"""Sentinel greater than any number of edges."""


@dataclass(frozen=True, slots=True)
class Partitions:
    """Sets and remainders of the best partitions.

    Attributes:
        sets: The independent sets that occur in a best partition.
        remainders: Masks left when some sets of a best partition are removed, ascending.
    """

    sets: Sequence[int]
    remainders: Sequence[int]


def best_partitions(
    nets: Sequence[int], sinks: int, subsets: Subsets, deadline: PlanningDeadline
) -> Partitions:
    """Return the sets and remainders of all partitions with the fewest edges.

    Args:
        nets: By set, the supply of its sources less the need of its triggers.
        sinks: Number of triggers.
        subsets: Cache of subsets.
        deadline: Checked every `PATIENCE` sets.
    """
    independent = _independent(nets, sinks)
    if len(independent) <= FEW_SETS:
        return _from_above(independent, len(nets) - 1, sinks)
    return _from_below(nets, sinks, subsets, deadline)


def _independent(nets: Sequence[int], sinks: int) -> list[int]:
    """Return sets with triggers that are independent and waste at most the total spare."""
    spare, all_sinks = nets[-1], (1 << sinks) - 1
    return [mask for mask, net in enumerate(nets) if 0 <= net <= spare and mask & all_sinks]


def _first(mask: int) -> int:
    """Return the position of the lowest bit."""
    return (mask ^ (mask - 1)).bit_length() - 1


def _from_above(independent: Sequence[int], full: int, sinks: int) -> Partitions:
    """Remove the set with the first trigger, then the next, with memoized counts."""
    by_first: list[list[int]] = [[] for _ in range(sinks)]
    for mask in independent:
        by_first[_first(mask)].append(mask)
    counts: dict[int, int] = {}

    def count(mask: int) -> int:
        first = mask & ((1 << sinks) - 1)
        if not first:
            return 0
        known = counts.get(mask)
        if known is None:
            fitting = by_first[_first(first)]
            known = min(
                (each.bit_count() - 1 + count(mask ^ each) for each in fitting if not each & ~mask),
                default=_UNCOVERED,
            )
            counts[mask] = known
        return known

    found, remainders, waiting = set[int](), {full}, [full]
    count(full)
    while waiting:
        mask = waiting.pop()
        first = mask & ((1 << sinks) - 1)
        for each in by_first[_first(first)] if first else ():
            rest = mask ^ each
            if each & ~mask or each.bit_count() - 1 + count(rest) != count(mask):
                continue
            found.add(each)
            if rest not in remainders:
                remainders.add(rest)
                waiting.append(rest)
    return Partitions(sorted(found), sorted(remainders))


def _from_below(
    nets: Sequence[int], sinks: int, subsets: Subsets, deadline: PlanningDeadline
) -> Partitions:
    """Compute the fewest edges of every set from those of its subsets."""
    size, all_sinks = len(nets), (1 << sinks) - 1
    sizes = np.array([mask.bit_count() - 1 for mask in range(size)])
    alone = np.where(np.array([net >= 0 for net in nets]), sizes, _UNCOVERED)
    counts: NDArray[np.int64] = np.full(size, _UNCOVERED, dtype=np.int64)
    counts[:: 1 << sinks] = 0
    for mask in range(size):
        if mask % PATIENCE == 0:
            deadline.check()
        served = mask & all_sinks
        if not served or nets[mask] < 0:
            continue
        first = served & -served
        parts = subsets.of(mask ^ first) | first
        counts[mask] = int((alone[parts] + counts[mask ^ parts]).min())
    whole = int(counts[-1])
    remainders: list[int] = np.flatnonzero(counts + counts[::-1] == whole).tolist()
    useful = (alone + counts[::-1] == whole) & (np.arange(size) & all_sinks != 0)
    return Partitions(np.flatnonzero(useful).tolist(), remainders)
