"""Small self-sufficient groups of chains: few transfers for tight markets.

If surpluses barely exceed deficits, each self-sufficient group saves one transfer. All groups of up
to four chains are listed, and the mixed-integer solver chooses among them. The remaining chains
form larger groups, which take at least four transfers per five chains. This gives a much better
lower bound on transfers than a program over single transfers.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from keepers.planning.inventory.highs import CHOSEN, Program, Row, SolverResult
from keepers.planning.inventory.market import AssetMarket, Edge, common_units
from keepers.planning.inventory.mixed import Mixed, exactly
from keepers.planning.inventory.solution import PlanningDeadline
from keepers.planning.inventory.trees import MOST_NODES, best_forest

MOST_GROUPS = 20_000
"""Maximum number of groups; with more the market is not tight and other methods are better."""

LEFTOVER_RATE = 0.8
"""Minimum transfers per chain in a group of five or more."""


@dataclass(frozen=True, slots=True)
class Group:
    """Self-sufficient sources and triggers that cannot be split into two such groups."""

    sources: tuple[int, ...]
    sinks: tuple[int, ...]
    waste: int

    @property
    def edges(self) -> int:
        """Return the number of transfers that settle the group."""
        return len(self.sources) + len(self.sinks) - 1


def small_groups(supplies: Sequence[int], needs: Sequence[int]) -> list[Group] | None:
    """Return all groups of two to four chains, or None if there are too many."""
    spare = sum(supplies) - sum(needs)
    found: list[Group] = []
    for group in _candidates(supplies, needs, spare):
        found.append(group)
        if len(found) > MOST_GROUPS:
            return None
    return found


def _candidates(supplies: Sequence[int], needs: Sequence[int], spare: int) -> Iterator[Group]:
    sources, sinks = range(len(supplies)), range(len(needs))
    for giving in (1, 2, 3):
        for chosen in combinations(sources, giving):
            total = sum(supplies[source] for source in chosen)
            for taking in range(1, 5 - giving):
                for served in combinations(sinks, taking):
                    waste = total - sum(needs[sink] for sink in served)
                    if 0 <= waste <= spare and _whole(chosen, served, supplies, needs, waste):
                        yield Group(chosen, served, waste)


def _whole(
    chosen: tuple[int, ...],
    served: tuple[int, ...],
    supplies: Sequence[int],
    needs: Sequence[int],
    waste: int,
) -> bool:
    """Return whether all sources are needed and the group cannot be split."""
    if len(chosen) == 1:
        return True
    if min(supplies[source] for source in chosen) <= waste:
        return False
    if len(served) == 1:
        return True
    small, large = sorted(supplies[source] for source in chosen)
    less, more = sorted(needs[sink] for sink in served)
    return not (small >= less and large >= more)


def grouped(market: AssetMarket, least: int, deadline: PlanningDeadline) -> Mixed | None:
    """Return few transfers and a lower bound, from self-sufficient groups of chains.

    None if routes charge or are missing, or if surpluses are so large that nearly any chains can
    form a group.
    """
    units = common_units(market)
    complete = len(market.edges) == len(market.supplies) * len(market.deficits)
    charged = any(edge.fee or edge.numerator or edge.fallback for edge in market.edges)
    if units is None or charged or not complete:
        return None
    return _Grouping(market, units[0], units[1]).solve(least, deadline)


class _Grouping:
    """Program over groups, ungrouped triggers and sources, and the transfers of the latter."""

    def __init__(self, market: AssetMarket, supplies: list[int], needs: list[int]) -> None:
        self.market = market
        self.supplies, self.needs = supplies, needs
        self.edges = {(edge.source, edge.sink): edge for edge in market.edges}

    def solve(self, least: int, deadline: PlanningDeadline) -> Mixed | None:
        groups = small_groups(self.supplies, self.needs)
        if groups is None:
            return None
        answer = self._choose(groups, deadline)
        bound = max(least, answer.whole_bound)
        if answer.values is None:
            return Mixed(None, bound)
        chosen = [group for index, group in enumerate(groups) if answer.values[index] > CHOSEN]
        edges = self._edges_of(chosen, deadline)
        solution = exactly(self.market, edges, deadline, finished=False) if edges else None
        return Mixed(solution, bound)

    def _choose(self, groups: Sequence[Group], deadline: PlanningDeadline) -> SolverResult:
        sinks, sources = len(self.needs), len(self.supplies)
        first_sink = len(groups)
        first_source = first_sink + sinks
        larger = first_source + sources
        program = Program(larger + 1)
        self._cover(program, groups, first_sink)
        scale = max(self.needs)
        supply: Row = {first_source + j: each / scale for j, each in enumerate(self.supplies)}
        demand: Row = {first_sink + i: -each / scale for i, each in enumerate(self.needs)}
        program.demand(supply | demand, low=0.0)
        left: Row = dict.fromkeys(range(first_sink, larger), -LEFTOVER_RATE)
        program.demand(left | {larger: 1.0}, low=0.0)
        for nodes in (range(first_sink, first_source), range(first_source, larger)):
            program.demand({larger: 1.0} | dict.fromkeys(nodes, -1.0), low=0.0)
        cost = np.zeros(larger + 1)
        cost[: len(groups)] = [group.edges for group in groups]
        cost[larger] = 1.0
        high = np.ones(larger + 1)
        high[larger] = sinks + sources
        return program.minimise(cost, np.zeros(larger + 1), high, np.ones(larger + 1), deadline)

    def _cover(self, program: Program, groups: Sequence[Group], first_sink: int) -> None:
        """Require each trigger in one group or ungrouped, and each source in at most one group."""
        sinks = len(self.needs)
        rows: list[Row] = [{first_sink + node: 1.0} for node in range(sinks + len(self.supplies))]
        for index, group in enumerate(groups):
            for node in (*group.sinks, *(sinks + source for source in group.sources)):
                rows[node][index] = 1.0
        for node, row in enumerate(rows):
            program.demand(row, low=1.0 if node < sinks else 0.0, high=1.0)

    def _edges_of(self, chosen: Sequence[Group], deadline: PlanningDeadline) -> list[Edge] | None:
        """Return the best trees over each group and the ungrouped chains, or None if not found."""
        edges: list[Edge] = []
        for group in chosen:
            edges += self._tree(group.sources, group.sinks, deadline) or []
        used = {source for group in chosen for source in group.sources}
        served = {sink for group in chosen for sink in group.sinks}
        sinks = [sink for sink in range(len(self.needs)) if sink not in served]
        if not sinks:
            return edges
        sources = [source for source in range(len(self.supplies)) if source not in used]
        rest = self._tree(sources, sinks, deadline)
        return None if rest is None else edges + rest

    def _tree(
        self, sources: Sequence[int], sinks: Sequence[int], deadline: PlanningDeadline
    ) -> list[Edge] | None:
        """Return the best trees over a few nodes, or some trees over many."""
        if len(sources) + len(sinks) > MOST_NODES:
            return self._in_order(sources, sinks)
        supplies = [self.supplies[source] for source in sources]
        needs = [self.needs[sink] for sink in sinks]
        local = AssetMarket(
            [self.market.triggers[sink] for sink in sinks],
            [self.market.surpluses[source] for source in sources],
            self.market.routes,
        )
        forest = best_forest(supplies, needs, local.edges, deadline)
        if forest is None:
            return None
        return [self.edges[sources[edge.source], sinks[edge.sink]] for edge in forest.edges]

    def _in_order(self, sources: Sequence[int], sinks: Sequence[int]) -> list[Edge] | None:
        """Serve the largest need from the largest supply until all needs are met."""
        left = {source: self.supplies[source] for source in sources}
        edges: list[Edge] = []
        for sink in sorted(sinks, key=lambda each: -self.needs[each]):
            missing = self.needs[sink]
            while missing > 0:
                source = max(left, key=lambda each: left[each])
                if not left[source]:
                    return None
                taken = min(left[source], missing)
                left[source] -= taken
                missing -= taken
                edges.append(self.edges[source, sink])
        return edges
