"""The fewest edges where every source can serve every trigger: they follow from sums alone.

A set that stands alone, because its sources suffice for its triggers, is settled with one edge less
than it has members. So the best partition into such sets is what has to be found. Sets are numbers
with a bit for each trigger and each source, triggers first.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepers.planning.inventory.solution import PlanningDeadline


class Subsets:
    """Subsets by set, kept once listed: larger sets are built from smaller ones."""

    def __init__(self) -> None:
        self._known: dict[int, NDArray[np.int64]] = {0: np.zeros(1, dtype=np.int64)}

    def of(self, mask: int) -> NDArray[np.int64]:
        """Return all subsets of a set, the empty one and itself included."""
        found = self._known.get(mask)
        if found is None:
            highest = 1 << (mask.bit_length() - 1)
            smaller = self.of(mask ^ highest)
            found = np.concatenate([smaller, smaller | highest])
            self._known[mask] = found
        return found


FEW_SETS = 500
"""Up to so many sets it is faster to go through them than through all subsets."""

PATIENCE = 128
"""Sets between two checks of the deadline."""

_UNCOVERED = 2**30
"""More edges than there can be."""


@dataclass(frozen=True, slots=True)
class Partitions:
    """Sets and remainders of the best partitions.

    Attributes:
        sets: The sets that stand alone in one of them.
        remainders: What one of them may leave when some of its sets are taken away, ascending.
    """

    sets: Sequence[int]
    remainders: Sequence[int]


def best_partitions(
    nets: Sequence[int], sinks: int, subsets: Subsets, deadline: PlanningDeadline
) -> Partitions:
    """The sets and remainders of all partitions with the fewest edges.

    Args:
        nets: For each set, what its sources have beyond what its triggers need.
        sinks: How many triggers there are.
        subsets: Of any set.
        deadline: Checked every `PATIENCE` sets.
    """
    independent = _independent(nets, sinks)
    if len(independent) <= FEW_SETS:
        return _from_above(independent, len(nets) - 1, sinks)
    return _from_below(nets, sinks, subsets, deadline)


def _independent(nets: Sequence[int], sinks: int) -> list[int]:
    """Sets with triggers that stand alone and waste no more than there is to spare."""
    spare, all_sinks = nets[-1], (1 << sinks) - 1
    return [mask for mask, net in enumerate(nets) if 0 <= net <= spare and mask & all_sinks]


def _first(mask: int) -> int:
    """Return the position of the lowest bit."""
    return (mask ^ (mask - 1)).bit_length() - 1


def _from_above(independent: Sequence[int], full: int, sinks: int) -> Partitions:
    """Remove the set with the first trigger, then that with the next, with memory of counts."""
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
    """The fewest edges for every set, each from those of its subsets."""
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
