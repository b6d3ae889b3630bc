"""Mixed-integer programming (HiGHS) for markets too large for exact enumeration.

Floating point only chooses edges. Amounts are recomputed in integers, and a choice without an exact
solution is excluded before the next solve. Only the whole part of the bound counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.highs import CHOSEN, Numbers, Program, Row, SolverResult
from keepers.planning.inventory.market import AssetMarket, Edge
from keepers.planning.inventory.solution import OutOfTimeError, PlanningDeadline, Solution

BLOCK = 16
"""Maximum number of edges weighted by powers of two at once, limited by float precision."""


@dataclass(frozen=True, slots=True)
class Mixed:
    """Solver result: an optional solution, and a lower bound on transfers."""

    solution: Solution | None
    lower_bound: int

    def better(self, other: "Mixed") -> "Mixed":
        """Combine the solution with fewer edges and the higher bound."""
        found = [each for each in (self.solution, other.solution) if each is not None]
        best = min(found, key=lambda each: (each.fallbacks, len(each.edges)), default=None)
        return Mixed(best, max(self.lower_bound, other.lower_bound))


def mixed_integer(market: AssetMarket, least: int, deadline: PlanningDeadline) -> Mixed:
    """Return few transfers that cover all triggers, not always the fewest; ties are not broken.

    Args:
        market: Triggers, surpluses and routes.
        least: Known lower bound on transfers.
        deadline: Time limit.
    """
    program = _Program(market, least)
    while deadline.left > 0:
        answer = program.solve(deadline)
        edges = program.chosen(answer)
        if edges is None:
            break
        solution = exactly(market, edges, deadline, finished=False)
        if solution is not None:
            return Mixed(solution, max(least, program.bound_for(solution, answer)))
        program.exclude(edges)
    return Mixed(None, least)


def smallest_names(
    market: AssetMarket, known: Solution, deadline: PlanningDeadline
) -> Solution | None:
    """Return the solution best by name among those with as few edges as a known one.

    None if routes differ in fees or time, or if it was not found in time.
    """
    edges = market.edges
    times = {edge.seconds for edge in edges}
    if len(times) > 1 or any(edge.fee or edge.numerator for edge in edges):
        return None
    program = _Program(market, len(known.edges))
    program.limit(known)
    fixed: dict[int, float] = {}
    while len(fixed) < len(edges):
        block = range(len(fixed), min(len(fixed) + BLOCK, len(edges)))
        answer = program.prefer(block, fixed, deadline)
        if answer is None:
            return None
        fixed |= {index: float(edges[index] in answer) for index in block}
    chosen = [edge for index, edge in enumerate(edges) if fixed[index]]
    return exactly(market, chosen, deadline, finished=True)


def exactly(
    market: AssetMarket, edges: Sequence[Edge], deadline: PlanningDeadline, *, finished: bool
) -> Solution | None:
    """Return the edges with exact amounts, or None if there are none or time ran out."""
    try:
        steps = Amounts(market, edges, deadline).best()
    except OutOfTimeError:
        return None
    if steps is None:
        return None
    return Solution(tuple(sorted(edges, key=lambda edge: edge.name)), tuple(steps), finished)


class _Program:
    """Binary choices of edges, and arrivals per edge as fractions of the largest deficit."""

    def __init__(self, market: AssetMarket, least: int) -> None:
        self.market = market
        self.size = len(market.edges)
        self.number = {edge: index for index, edge in enumerate(market.edges)}
        self.fallback_worth = self.size + 1
        sinks = range(len(market.deficits))
        self.scale = max(market.deficit_in_finest(sink) for sink in sinks)
        self.program = Program(2 * self.size)
        self._sinks()
        self._sources()
        self._links()
        self._pairs()
        self.program.demand(dict.fromkeys(range(self.size), 1.0), low=least)

    def exclude(self, edges: Sequence[Edge]) -> None:
        """Exclude this choice of edges."""
        chosen = set(edges)
        row: Row = {
            index: -1.0 if edge in chosen else 1.0 for index, edge in enumerate(self.market.edges)
        }
        self.program.demand(row, low=1.0 - len(chosen))

    def limit(self, known: Solution) -> None:
        """Limit fallbacks and edges to those of a known solution."""
        fallbacks: Row = {i: 1.0 for i, edge in enumerate(self.market.edges) if edge.fallback}
        if fallbacks:
            self.program.demand(fallbacks, high=known.fallbacks)
        self.program.demand(dict.fromkeys(range(self.size), 1.0), high=len(known.edges))

    def solve(self, deadline: PlanningDeadline) -> SolverResult:
        """Minimize fallbacks, then edges."""
        cost = np.zeros(2 * self.size)
        for index, edge in enumerate(self.market.edges):
            cost[index] = 1.0 + self.fallback_worth * edge.fallback
        return self._run(cost, {}, deadline)

    def prefer(
        self, block: range, fixed: dict[int, float], deadline: PlanningDeadline
    ) -> tuple[Edge, ...] | None:
        """Choose edges of a block in lexicographic order of preference.

        Return None if optimality was not proven in time.
        """
        cost = np.zeros(2 * self.size)
        for index in block:
            cost[index] = -(2.0 ** (block.stop - 1 - index))
        answer = self._run(cost, fixed, deadline)
        if not answer.proven or answer.values is None:
            return None
        # Includes edges without flow: leaving them out would forbid them in later solves.
        return tuple(
            edge for index, edge in enumerate(self.market.edges) if answer.values[index] > CHOSEN
        )

    def bound_for(self, solution: Solution, answer: SolverResult) -> int:
        """Return the bound on edges; 0 unless fewer fallbacks are ruled out."""
        fallbacks, edges = divmod(answer.whole_bound, self.fallback_worth)
        return edges if fallbacks == solution.fallbacks else 0

    def chosen(self, answer: SolverResult) -> tuple[Edge, ...] | None:
        """Return the edges of a result, or None if it has no values."""
        values = answer.values
        if values is None:
            return None
        return tuple(
            edge
            for index, edge in enumerate(self.market.edges)
            if values[index] > CHOSEN and values[self.size + index] > 0
        )

    def _run(
        self, cost: Numbers, fixed: dict[int, float], deadline: PlanningDeadline
    ) -> SolverResult:
        low, high = np.zeros(2 * self.size), np.ones(2 * self.size)
        high[self.size :] = [self._part(edge, edge.most) for edge in self.market.edges]
        for index, value in fixed.items():
            low[index] = high[index] = value
        whole = np.r_[np.ones(self.size), np.zeros(self.size)]
        return self.program.minimise(cost, low, high, whole, deadline)

    def _part(self, edge: Edge, steps: int) -> float:
        """Return steps as a fraction of the largest deficit."""
        return steps * edge.units_per_step * edge.token / self.scale

    def _sinks(self) -> None:
        for sink in range(len(self.market.deficits)):
            inner = [self.number[edge] for edge in self.market.into[sink]]
            need = self.market.deficit_in_finest(sink) / self.scale
            self.program.demand({self.size + index: 1.0 for index in inner}, low=need)

    def _sources(self) -> None:
        for most, drawing in zip(self.market.capacities, self.market.drawing, strict=True):
            row: Row = {}
            for edge in drawing:
                index = self.number[edge]
                gross = edge.denominator / (edge.denominator - edge.numerator)
                row[self.size + index] = gross
                row[index] = gross * edge.fee * edge.token / self.scale
            if row:
                self.program.demand(row, high=most * drawing[0].token / self.scale)

    def _links(self) -> None:
        """Require zero flow over unchosen edges, and flow within limits over chosen ones."""
        for index, edge in enumerate(self.market.edges):
            most, least = self._part(edge, edge.most), self._part(edge, edge.least)
            self.program.demand({self.size + index: 1.0, index: -most}, high=0.0)
            if edge.low > 1:
                self.program.demand({self.size + index: 1.0, index: -least}, low=0.0)

    def _pairs(self) -> None:
        """Require for each trigger one edge that covers it alone, or two other edges."""
        for sink, deficit in enumerate(self.market.deficits):
            row: Row = {
                self.number[edge]: 2.0 if edge.most * edge.step >= deficit else 1.0
                for edge in self.market.into[sink]
            }
            self.program.demand(row, low=2.0)
