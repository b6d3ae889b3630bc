"""Maximum flow from sources to sinks."""

from collections.abc import Sequence
from dataclasses import dataclass

Arc = tuple[int, int, int]
"""Source, sink and capacity."""


@dataclass(frozen=True, slots=True)
class SharedCapacity:
    """A limit shared by arcs of one source; `arcs` holds their positions."""

    source: int
    most: int
    arcs: frozenset[int]


def reaches(
    supplies: Sequence[int],
    needs: Sequence[int],
    arcs: Sequence[Arc],
    pools: Sequence[SharedCapacity] = (),
) -> bool:
    """Return whether all needs can be met at once; fastest if the largest arcs come first."""
    if not _Flow(supplies, needs, arcs).complete():
        return False
    return not pools or _PooledFlow(supplies, needs, arcs, pools).complete()


class _Flow:
    """Maximum flow by augmenting paths."""

    def __init__(self, supplies: Sequence[int], needs: Sequence[int], arcs: Sequence[Arc]) -> None:
        self.left, self.missing = list(supplies), list(needs)
        self.room: list[dict[int, int]] = [{} for _ in supplies]
        """By source, the residual capacity to each sink."""
        self.sent: list[dict[int, int]] = [{} for _ in needs]
        """By sink, the amount that each source sends."""
        for source, sink, most in arcs:
            taken = min(self.left[source], self.missing[sink], most)
            self.left[source] -= taken
            self.missing[sink] -= taken
            rooms, sends = self.room[source], self.sent[sink]
            rooms[sink] = rooms.get(sink, 0) + most - taken
            sends[source] = sends.get(source, 0) + taken

    def complete(self) -> bool:
        """Push flow until all needs are met or no path is left; return whether all are met."""
        for sink, missing in enumerate(self.missing):
            left = missing
            while left > 0:
                pushed = self._augment(sink, left)
                if pushed == 0:
                    return False
                left -= pushed
        return True

    def _augment(self, sink: int, missing: int) -> int:
        """Push flow along one path, searched backwards from a sink to a source with supply.

        An exhausted source can still serve the sink if another source takes over one of its sinks.
        """
        serves: dict[int, int] = {}
        freed_by = {sink: -1}
        queue = [(sink, missing)]
        for current, amount in queue:
            for source, rooms in enumerate(self.room):
                free = rooms.get(current, 0)
                if not free or source in serves:
                    continue
                serves[source] = current
                pushed = min(amount, free)
                if self.left[source]:
                    pushed = min(pushed, self.left[source])
                    self._push(source, pushed, serves, freed_by)
                    return pushed
                for other, flows in enumerate(self.sent):
                    back = flows.get(source, 0)
                    if back and other not in freed_by:
                        freed_by[other] = source
                        queue.append((other, min(pushed, back)))
        return 0

    def _push(
        self, source: int, amount: int, serves: dict[int, int], freed_by: dict[int, int]
    ) -> None:
        """Move an amount along a path, from the source with supply to the sink with a need.

        Args:
            source: First source of the path.
            amount: Amount to move.
            serves: By source on the path, the sink that it serves more.
            freed_by: By sink on the path, the source that serves it less; -1 at the end.
        """
        self.left[source] -= amount
        while source >= 0:
            sink = serves[source]
            self.room[source][sink] -= amount
            self.sent[sink][source] += amount
            source = freed_by[sink]
            if source >= 0:
                self.sent[sink][source] -= amount
                self.room[source][sink] += amount


class _PooledFlow:
    """Maximum flow through sources, pools and sinks, by shortest paths."""

    def __init__(
        self,
        supplies: Sequence[int],
        needs: Sequence[int],
        arcs: Sequence[Arc],
        pools: Sequence[SharedCapacity],
    ) -> None:
        first_pool, first_sink = len(supplies), len(supplies) + len(pools)
        self.start, self.end = first_sink + len(needs), first_sink + len(needs) + 1
        self.wanted = sum(needs)
        self.room: list[dict[int, int]] = [{} for _ in range(self.end + 1)]
        """By node, the residual capacity to each other node."""
        for source, supply in enumerate(supplies):
            self._link(self.start, source, supply)
        for sink, need in enumerate(needs):
            self._link(first_sink + sink, self.end, need)
        pooled: dict[int, int] = {}
        for number, pool in enumerate(pools):
            self._link(pool.source, first_pool + number, pool.most)
            pooled |= dict.fromkeys(pool.arcs, first_pool + number)
        for index, (source, sink, most) in enumerate(arcs):
            self._link(pooled.get(index, source), first_sink + sink, most)

    def complete(self) -> bool:
        """Push flow until all needs are met or no path is left; return whether all are met."""
        while self.wanted > 0:
            path = self._path()
            if path is None:
                return False
            pushed = min(self.room[here][there] for here, there in path)
            for here, there in path:
                self.room[here][there] -= pushed
                self.room[there][here] += pushed
            self.wanted -= pushed
        return True

    def _link(self, here: int, there: int, most: int) -> None:
        self.room[here][there] = self.room[here].get(there, 0) + most
        self.room[there].setdefault(here, 0)

    def _path(self) -> list[tuple[int, int]] | None:
        """Return the edges of a shortest path with residual capacity, or None."""
        before, queue = {self.start: self.start}, [self.start]
        for here in queue:
            for there, most in self.room[here].items():
                if most > 0 and there not in before:
                    before[there] = here
                    queue.append(there)
        if self.end not in before:
            return None
        path, node = list[tuple[int, int]](), self.end
        while node != self.start:
            path.append((before[node], node))
            node = before[node]
        return path
