"""Optimal amounts for chosen edges, in exact integers.

The edges are chosen elsewhere. Here each edge has a range of steps that may arrive. Ranges shrink
to what sources, needs and fee limits allow; values left open are tried, the ends first. Every query
asks for a solution with at most or at least a given value, so that each optimum is found by binary
search.
"""

from collections.abc import Callable, Sequence
from math import lcm

from keepers.planning.inventory.flow import SharedCapacity, reaches
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.solution import PlanningDeadline

MOST_PASSES = 40
"""Ranges in a cycle may shrink by one unit per pass, and have 10^12 units."""


class Amounts:
    """Steps per edge: minimal total fee, then minimal sum, then lexicographically largest.

    Fees and sums are in the finest unit of the tokens involved.
    """

    def __init__(
        self, market: AssetMarket, edges: Sequence[Edge], deadline: PlanningDeadline
    ) -> None:
        self.edges = sorted(edges, key=lambda edge: edge.name)
        self.deadline = deadline
        self.into: dict[int, list[int]] = {}
        self.out_of: dict[int, list[int]] = {}
        for index, edge in enumerate(self.edges):
            self.into.setdefault(edge.sink, []).append(index)
            for capacity in edge.draws:
                self.out_of.setdefault(capacity, []).append(index)
        self.capacities = {each: market.capacities[each] for each in self.out_of}
        self.pools = {each: source for each, source in market.pools.items() if each in self.out_of}
        self.needs = {sink: market.deficits[sink] for sink in self.into}
        self.spare = {
            sink: max(self.edges[index].step for index in inner) - 1
            for sink, inner in self.into.items()
        }
        self.finest = {
            sink: 10 ** (market.finest - market.triggers[sink].decimals) for sink in self.into
        }
        self.rated = any(edge.numerator for edge in self.edges)
        self.scale = lcm(*(edge.denominator - edge.numerator for edge in self.edges))
        self.most_fee: int | None = None
        self.most_sum: int | None = None

    def cheapest(self, most_fee: int | None = None) -> tuple[int, list[int]] | None:
        """Return the least total fee and steps that reach it, or None if there is no solution.

        Args:
            most_fee: Upper limit on the fee.

        Raises:
            OutOfTimeError: The deadline passed before the minimum was known.
        """
        self.most_fee, self.most_sum = most_fee, None
        low, high = self._ranges()
        found = self.find(low, high)
        if found is not None:
            found = self._lower(found, low, high, self.total_fee, "most_fee")
        return None if found is None else (self.total_fee(found), found)

    def best(self) -> list[int] | None:
        """Return the best steps in the order of edge names, or None if there is no solution.

        Raises:
            OutOfTimeError: The deadline passed before the optimum was known.
        """
        cheapest = self.cheapest()
        if cheapest is None:
            return None
        self.most_fee, found = cheapest
        low, high = self._ranges()
        found = self._lower(found, low, high, self.total_sum, "most_sum")
        return self._largest(found, low, high)

    def _ranges(self) -> tuple[list[int], list[int]]:
        return [edge.least for edge in self.edges], [edge.most for edge in self.edges]

    def total_fee(self, steps: Sequence[int]) -> int:
        """Return the total fee in the finest unit."""
        return sum(
            edge.charge(edge.amount(each)) * edge.token
            for edge, each in zip(self.edges, steps, strict=True)
        )

    def total_sum(self, steps: Sequence[int]) -> int:
        """Return the total that leaves the sources, in the finest unit."""
        return sum(
            edge.amount(each) * edge.token for edge, each in zip(self.edges, steps, strict=True)
        )

    def _lower(
        self,
        found: list[int],
        low: list[int],
        high: list[int],
        measure: Callable[[Sequence[int]], int],
        limit: str,
    ) -> list[int]:
        """Minimize a measure by binary search; the minimum becomes a limit of later searches."""
        worst = measure(found)
        floor = self._least_fee(low, high) if limit == "most_fee" else self._least_sum(low, high)
        reach = 0
        while floor < worst:
            middle = min(floor + reach, worst - 1)
            setattr(self, limit, middle)
            better = self.find(low, high)
            if better is None:
                floor, reach = middle + 1, 2 * reach + 1
            else:
                found, worst, reach = better, measure(better), 0
        setattr(self, limit, worst)
        return found

    def _largest(self, found: list[int], low: list[int], high: list[int]) -> list[int]:
        """Maximize each edge in turn."""
        low, high = list(low), list(high)
        for index in range(len(self.edges)):
            least, most = found[index], self._most(index, low, high)
            middle = most
            while least < most:
                trial = list(low)
                trial[index] = middle
                better = self.find(trial, high)
                if better is None:
                    most = middle - 1
                else:
                    found, least = better, better[index]
                middle = (least + most + 1) // 2
            low[index] = high[index] = least
        return found

    def _most(self, index: int, low: list[int], high: list[int]) -> int:
        narrowed, widest = list(low), list(high)
        self._narrow(narrowed, widest)
        return widest[index]

    def find(self, low: Sequence[int], high: Sequence[int]) -> list[int] | None:
        """Return a solution within the ranges and limits, or None."""
        pending = [(list(low), list(high))]
        while pending:
            self.deadline.check()
            least, most = pending.pop()
            if not self._narrow(least, most):
                continue
            opened = [index for index, each in enumerate(least) if each < most[index]]
            if not opened:
                return least
            # Few values first: they decide the wide ranges, which can have 10^12 values.
            narrowest = min(opened, key=lambda index: most[index] - least[index])
            pending.extend(_branches(narrowest, least, most))
        return None

    def _narrow(self, low: list[int], high: list[int]) -> bool:
        """Shrink ranges to feasible values; return False if there are none."""
        changed, passes = True, 0
        while changed and passes < MOST_PASSES:
            self.deadline.check()
            changed, passes = False, passes + 1
            for sink, inner in self.into.items():
                done = self._narrow_sink(sink, inner, low, high)
                if done is None:
                    return False
                changed |= done
            for capacity, inner in self.out_of.items():
                done = self._narrow_capacity(capacity, inner, low, high)
                if done is None:
                    return False
                changed |= done
            done = self._narrow_sum(low, high)
            if done is None:
                return False
            changed |= done
        return self._affordable(low, high) and self._flows(low, high)

    def _flows(self, low: Sequence[int], high: Sequence[int]) -> bool:
        """Return whether all needs can be met at once, ignoring rising fees."""
        sources, sinks = [each for each in self.out_of if each not in self.pools], list(self.into)
        left = {each: self._left(each, low) for each in self.out_of}
        missing = [
            max(0, self.needs[s] - sum(low[i] * self.edges[i].step for i in self.into[s]))
            * self.finest[s]
            for s in sinks
        ]
        arcs = [
            (
                sources.index(edge.source),
                sinks.index(edge.sink),
                (high[index] - low[index]) * edge.units_per_step * edge.token,
            )
            for index, edge in enumerate(self.edges)
        ]
        pools = [
            SharedCapacity(sources.index(source), left[each], frozenset(self.out_of[each]))
            for each, source in self.pools.items()
        ]
        supplies = [left[source] for source in sources]
        return min(left.values()) >= 0 and reaches(supplies, missing, arcs, pools)

    def _left(self, capacity: int, low: Sequence[int]) -> int:
        """Return what remains of a capacity at the ranges' lower ends, in the finest unit."""
        inner = self.out_of[capacity]
        taken = sum(self.edges[index].amount(low[index]) for index in inner)
        return (self.capacities[capacity] - taken) * self.edges[inner[0]].token

    def _narrow_sink(
        self, sink: int, inner: list[int], low: list[int], high: list[int]
    ) -> bool | None:
        """Return whether a range changed; None if arrivals cannot match the need."""
        need, changed = self.needs[sink], False
        edges = self.edges
        least = sum(low[index] * edges[index].step for index in inner)
        most = sum(high[index] * edges[index].step for index in inner)
        limit = need + self.spare[sink]
        # Values removed here were infeasible given the other edges, so the others stay unchanged.
        for index in inner:
            step = edges[index].step
            lowest = -((most - high[index] * step - need) // step)
            highest = (limit - least + low[index] * step) // step
            if lowest > low[index]:
                low[index], changed = lowest, True
            if highest < high[index]:
                high[index], changed = highest, True
            if low[index] > high[index]:
                return None
        return changed

    def _narrow_capacity(
        self, capacity: int, inner: list[int], low: list[int], high: list[int]
    ) -> bool | None:
        """Return whether a range changed; None if a source or limit is exceeded in every case."""
        amounts = {index: self.edges[index].amount(low[index]) for index in inner}
        left, changed = self.capacities[capacity] - sum(amounts.values()), False
        if left < 0:
            return None
        for index in inner:
            edge = self.edges[index]
            if low[index] == high[index]:
                continue
            highest = edge.steps(amounts[index] + left)
            if highest < high[index]:
                high[index], changed = highest, True
        return changed

    def _narrow_sum(self, low: list[int], high: list[int]) -> bool | None:
        """Return whether a range changed; None if the limit on the sum is always exceeded."""
        if self.most_sum is None:
            return False
        left, changed = self.most_sum - self.total_sum(low), False
        if left < 0:
            return None
        for index, edge in enumerate(self.edges):
            if low[index] == high[index]:
                continue
            highest = edge.steps(edge.amount(low[index]) + left // edge.token)
            if highest < high[index]:
                high[index], changed = highest, True
        return changed

    def _affordable(self, low: list[int], high: list[int]) -> bool:
        if self.most_fee is not None and self._least_fee(low, high) > self.most_fee:
            return False
        return self.most_sum is None or self._least_sum(low, high) <= self.most_sum

    def _least_fee(self, low: Sequence[int], high: Sequence[int]) -> int:
        """Return a lower bound on the total fee."""
        exact = self.total_fee(low)
        if not self.rated:
            return exact
        scaled = sum(self._least_fee_into(sink, low, high) for sink in self.into)
        return max(exact, -(-scaled // self.scale))

    def _least_fee_into(self, sink: int, low: Sequence[int], high: Sequence[int]) -> int:
        """Return a lower bound times `scale`: unrounded fees, the cheapest edges filled first."""
        total, missing = 0, self.needs[sink] * self.finest[sink]
        open_edges: list[tuple[int, int]] = []
        for index in self.into[sink]:
            edge = self.edges[index]
            slope = edge.numerator * (self.scale // (edge.denominator - edge.numerator))
            net = low[index] * edge.units_per_step
            missing -= net * edge.token
            if low[index] == high[index]:
                total += edge.charge(edge.amount(low[index])) * edge.token * self.scale
                continue
            total += (edge.fee * self.scale + (net + edge.fee) * slope) * edge.token
            room = (high[index] - low[index]) * edge.units_per_step * edge.token
            open_edges.append((slope, room))
        missing = max(0, missing)
        for slope, room in sorted(open_edges):
            taken = min(room, missing)
            total, missing = total + taken * slope, missing - taken
        return total

    def _least_sum(self, low: Sequence[int], high: Sequence[int]) -> int:
        """Return a lower bound on what leaves the sources."""
        needed = sum(need * self.finest[sink] for sink, need in self.needs.items())
        return max(self.total_sum(low), needed + self._least_fee(low, high))


def _branches(index: int, low: list[int], high: list[int]) -> list[tuple[list[int], list[int]]]:
    """Split a range; the last part is tried first: upper end, lower end, then the halves."""
    least, most = low[index], high[index]
    middle = (least + most) // 2
    cuts = [(most, most), (least, least), (middle + 1, most - 1), (least + 1, middle)]
    parts: list[tuple[list[int], list[int]]] = []
    for start, end in reversed(cuts):
        if start <= end:
            lower, upper = list(low), list(high)
            lower[index], upper[index] = start, end
            parts.append((lower, upper))
    return parts
