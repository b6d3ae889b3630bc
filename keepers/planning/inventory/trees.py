"""Subset dynamic programming: the fewest edges if routes neither charge nor limit.

With as few edges as possible, the edges form trees that supply their own triggers and cannot be
split. So the part of a tree beyond any edge is not self-sufficient: below a source it has a
deficit, below a trigger a surplus. The feasible trees thus follow from the sums of sets alone, and
the best tree over a set from the best trees over its parts. A set is a bit mask with a bit for each
trigger and each source.

The objective is one additive 64-bit number: fewest fallbacks (from bit 57), fewest edges (from bit
53), then the edges themselves, the smallest name in the highest bit, so that the edges can be
decoded from the result.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keepers.planning.inventory.market import Edge
from keepers.planning.inventory.partitions import Subsets, best_partitions
from keepers.planning.inventory.solution import PlanningDeadline

MOST_NODES = 14
"""Maximum number of triggers and sources planned with this method."""

PATIENCE = 128
"""Number of sets between two deadline checks."""

_COUNT_BIT = 53
_FALLBACK_BIT = 57
_NONE = -(2**62)
"""Worth of an infeasible set; the sum of two still fits into 64 bits."""

Worths = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Forest:
    """Trees that cover all triggers."""

    edges: tuple[Edge, ...]
    fallbacks: int


def best_forest(
    supplies: Sequence[int], needs: Sequence[int], edges: Sequence[Edge], deadline: PlanningDeadline
) -> Forest | None:
    """Return the best trees, or None if the triggers cannot be covered.

    Args:
        supplies: Supplies of the sources, in one common unit.
        needs: Needs of the triggers, in the same unit.
        edges: At most one per source and trigger, sorted by name.
        deadline: Checked every `PATIENCE` sets.

    Raises:
        OutOfTimeError: The deadline has passed.
    """
    return _Trees(supplies, needs, edges, deadline).solve()


class _Trees:
    def __init__(
        self,
        supplies: Sequence[int],
        needs: Sequence[int],
        edges: Sequence[Edge],
        deadline: PlanningDeadline,
    ) -> None:
        self.edges = edges
        self.deadline = deadline
        self.sinks, self.sources = len(needs), len(supplies)
        self.size = 1 << (self.sinks + self.sources)
        self.all_sinks = (1 << self.sinks) - 1
        self.nets = _sums([*(-need for need in needs), *supplies])
        self.worth = np.full((self.sinks, self.sources), _NONE, dtype=np.int64)
        for index, edge in enumerate(edges):
            rank = 1 << (len(edges) - 1 - index)
            self.worth[edge.sink, edge.source] = (
                rank - (1 << _COUNT_BIT) - (edge.fallback << _FALLBACK_BIT)
            )
        self.below_sink = np.full((self.sinks, self.size), _NONE, dtype=np.int64)
        """Best tree over a set with a deficit, rooted at this trigger."""
        self.below_source = np.full((self.sources, self.size), _NONE, dtype=np.int64)
        """Best tree over a set with a surplus, rooted at this source."""
        self.to_sink = np.full((self.sinks, self.size), _NONE, dtype=np.int64)
        """The same, including the edge from its source to this trigger."""
        self.to_source = np.full((self.sources, self.size), _NONE, dtype=np.int64)
        self.whole = np.full(self.size, _NONE, dtype=np.int64)
        """Best tree over a self-sufficient set."""
        self.remainders: Sequence[int] = range(self.size)
        """Sets that a best partition may leave when some of its sets are removed."""
        self.subsets = Subsets()

    def solve(self) -> Forest | None:
        for number, mask in enumerate(self._useful()):
            if number % PATIENCE == 0:
                self.deadline.check()
            net = self.nets[mask]
            if net > 0:
                self._give(mask)
            elif net < 0:
                self._lack(mask)
            if net >= 0:
                self._stand(mask)
        worth = self._partition()
        return None if worth == _NONE else self._decode(worth)

    def _useful(self) -> list[int]:
        """Return the sets that can be part of a best tree, in ascending order.

        If every source can serve every trigger, each self-sufficient set has a tree. The minimum
        number of edges then follows from sums, and only the sets of best partitions need
        evaluation.
        """
        everything = self.sinks * self.sources
        if len(self.edges) < everything or any(edge.fallback for edge in self.edges):
            return list(range(self.size))
        best = best_partitions(self.nets, self.sinks, self.subsets, self.deadline)
        self.remainders = best.remainders
        useful = np.zeros(self.size, dtype=np.bool_)
        for mask in best.sets:
            useful[self.subsets.of(mask)] = True
        return [int(mask) for mask in np.flatnonzero(useful)]

    def _give(self, mask: int) -> None:
        sources = mask >> self.sinks
        for source in _bits(sources):
            rest = mask ^ (1 << (self.sinks + source))
            self.below_source[source, mask] = self._grow(
                mask, rest, self.to_source[source], self.below_source[source]
            )
        roots = _bits(sources)
        if roots:
            offers = self.worth[:, roots] + self.below_source[roots, mask]
            self.to_sink[:, mask] = np.maximum(offers.max(axis=1), _NONE)

    def _lack(self, mask: int) -> None:
        roots = _bits(mask & self.all_sinks)
        for sink in roots:
            self.below_sink[sink, mask] = self._grow(
                mask, mask ^ (1 << sink), self.to_sink[sink], self.below_sink[sink]
            )
        demands = self.worth[roots, :] + self.below_sink[roots, mask][:, None]
        self.to_source[:, mask] = np.maximum(demands.max(axis=0), _NONE)

    def _stand(self, mask: int) -> None:
        sinks = mask & self.all_sinks
        if sinks:
            root = sinks.bit_length() - 1
            self.whole[mask] = self._grow(
                mask, mask ^ (1 << root), self.to_sink[root], self.below_sink[root]
            )

    def _grow(self, mask: int, rest: int, branch: Worths, trunk: Worths) -> int:
        """Return the best tree: the branch with the first node of the rest, plus a trunk."""
        if rest == 0:
            return 0
        first = rest & -rest
        parts = self.subsets.of(rest ^ first) | first
        return max(_NONE, int((branch[parts] + trunk[mask ^ parts]).max()))

    def _partition(self) -> int:
        """Return the worth of the best partition into self-sufficient sets."""
        best = np.full(self.size, _NONE, dtype=np.int64)
        best[:: 1 << self.sinks] = 0
        for number, mask in enumerate(self.remainders):
            if number % PATIENCE == 0:
                self.deadline.check()
            sinks = mask & self.all_sinks
            if not sinks or self.nets[mask] < 0:
                continue
            first = sinks & -sinks
            parts = self.subsets.of(mask ^ first) | first
            best[mask] = max(_NONE, int((self.whole[parts] + best[mask ^ parts]).max()))
        return int(best[self.size - 1])

    def _decode(self, worth: int) -> Forest:
        last = len(self.edges) - 1
        chosen = tuple(edge for index, edge in enumerate(self.edges) if worth >> (last - index) & 1)
        return Forest(chosen, sum(edge.fallback for edge in chosen))


def _bits(mask: int) -> list[int]:
    return [index for index in range(mask.bit_length()) if mask >> index & 1]


def _sums(values: Sequence[int]) -> list[int]:
    """Return the sum of each subset."""
    sums = [0]
    for value in values:
        sums += [each + value for each in sums]
    return sums
