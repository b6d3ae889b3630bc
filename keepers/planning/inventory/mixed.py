"""Mixed-integer programming (HiGHS) for markets that are too large for exact enumeration.

Floating point chooses edges, never amounts: these are computed again in integers, and a choice that
does not hold exactly is excluded before the solver is asked again. Its bound counts only as far as
it is whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import ceil, isfinite
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keepers.planning.inventory.amounts import Amounts
from keepers.planning.inventory.deadline import Deadline, OutOfTimeError
from keepers.planning.inventory.market import Edge, Market
from keepers.planning.inventory.quiet import quiet_output
from keepers.planning.inventory.solution import Solution

TOLERANCE = 1e-6
"""How far from a whole number the solver's numbers may be."""

CHOSEN = 0.5
"""A binary number above this is a one."""

BLOCK = 16
"""Edges that are chosen at once by powers of two, which have to stay well inside a float."""

SHORTEST = 0.01
"""Seconds that the solver has at least."""

Row = dict[int, float]


@dataclass(frozen=True, slots=True)
class Mixed:
    """What the solver found: perhaps a solution, and a bound on its transfers."""

    solution: Solution | None
    lower_bound: int


def mixed_integer(market: Market, least: int, deadline: Deadline) -> Mixed:
    """Few transfers that cover all triggers, not always the fewest; ties are left open.

    Args:
        market: Triggers, surpluses and routes.
        least: No plan has fewer transfers.
        deadline: When to stop.
    """
    program = _Program(market, least)
    while deadline.left > 0:
        answer = program.solve(deadline)
        if answer.edges is None:
            break
        solution = _exactly(market, answer.edges, deadline, finished=False)
        if solution is not None:
            bound = program.bound_for(solution, answer.bound)
            return Mixed(solution, max(least, bound))
        program.exclude(answer.edges)
    return Mixed(None, least)


def smallest_names(market: Market, known: Solution, deadline: Deadline) -> Solution | None:
    """The best of the solutions with as few edges as a known one, where only names tell.

    None where routes differ in fees or time, or it could not be found in time.
    """
    edges = market.edges
    if any(edge.fee or edge.numerator or edge.seconds != edges[0].seconds for edge in edges):
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
    return _exactly(market, chosen, deadline, finished=True)


def _exactly(
    market: Market, edges: Sequence[Edge], deadline: Deadline, *, finished: bool
) -> Solution | None:
    """The edges with exact amounts, or None where there are none, or no time to find them."""
    try:
        steps = Amounts(market, edges, deadline).best()
    except OutOfTimeError:
        return None
    if steps is None:
        return None
    return Solution(tuple(sorted(edges, key=lambda edge: edge.name)), tuple(steps), finished)


@dataclass(frozen=True, slots=True)
class _Answer:
    edges: tuple[Edge, ...] | None
    bound: float


@cache
def _scipy(module: str) -> Any:  # noqa: ANN401 - the package has no types
    """A part of SciPy, loaded when it is needed: that takes longer than most plans."""
    return import_module(f"scipy.{module}")


class _Result(Protocol):
    """What the library answers."""

    x: NDArray[np.float64] | None
    status: int
    mip_dual_bound: float | None


class _Program:
    """Binary choices of edges, and what arrives over each in parts of the largest deficit."""

    def __init__(self, market: Market, least: int) -> None:
        self.market = market
        self.size = len(market.edges)
        self.fallback_worth = self.size + 1
        sinks = range(len(market.deficits))
        self.scale = max((market.deficit_in_finest(sink) for sink in sinks), default=1)
        self.rows: list[tuple[Row, float, float]] = []
        self._sinks()
        self._sources()
        self._links()
        self._pairs()
        self.rows.append((dict.fromkeys(range(self.size), 1.0), least, np.inf))

    def exclude(self, edges: Sequence[Edge]) -> None:
        """Demand another choice than this one."""
        chosen = set(edges)
        row: Row = {
            index: -1.0 if edge in chosen else 1.0 for index, edge in enumerate(self.market.edges)
        }
        self.rows.append((row, 1.0 - len(chosen), np.inf))

    def limit(self, known: Solution) -> None:
        """Allow no more fallbacks and edges than a known solution has."""
        fallbacks: Row = {i: 1.0 for i, edge in enumerate(self.market.edges) if edge.fallback}
        if fallbacks:
            self.rows.append((fallbacks, 0.0, known.fallbacks))
        self.rows.append((dict.fromkeys(range(self.size), 1.0), 0.0, len(known.edges)))

    def solve(self, deadline: Deadline) -> _Answer:
        """Fewest fallbacks, then fewest edges."""
        cost = np.zeros(2 * self.size)
        for index, edge in enumerate(self.market.edges):
            cost[index] = 1.0 + self.fallback_worth * edge.fallback
        result = self._run(cost, {}, deadline)
        bound = result.mip_dual_bound
        return _Answer(
            None if result.x is None else self._chosen(result.x),
            bound if bound is not None and isfinite(bound) else 0.0,
        )

    def prefer(self, block: range, fixed: dict[int, float], deadline: Deadline) -> set[Edge] | None:
        """A choice that has the first edge of a block if it can, then the second, and so on.

        None where that was not proven in time.
        """
        cost = np.zeros(2 * self.size)
        for index in block:
            cost[index] = -(2.0 ** (block.stop - 1 - index))
        result = self._run(cost, fixed, deadline)
        if result.x is None or result.status != 0:
            return None
        return set(self._chosen(result.x))

    def bound_for(self, solution: Solution, bound: float) -> int:
        """The bound on edges; only where it excludes less fallbacks does it say anything."""
        fallbacks, edges = divmod(max(0, ceil(bound - TOLERANCE)), self.fallback_worth)
        return edges if fallbacks == solution.fallbacks else 0

    def _run(
        self, cost: NDArray[np.float64], fixed: dict[int, float], deadline: Deadline
    ) -> _Result:
        low, high = np.zeros(2 * self.size), np.ones(2 * self.size)
        high[self.size :] = [self._part(edge, edge.most) for edge in self.market.edges]
        for index, value in fixed.items():
            low[index] = high[index] = value
        optimize = _scipy("optimize")
        with quiet_output():
            return optimize.milp(
                cost,
                integrality=np.r_[np.ones(self.size), np.zeros(self.size)],
                bounds=optimize.Bounds(low, high),
                constraints=self._constraints(),
                options={"time_limit": max(deadline.left, SHORTEST), "mip_rel_gap": 0.0},
            )

    def _chosen(self, values: NDArray[np.float64]) -> tuple[Edge, ...]:
        return tuple(
            edge
            for index, edge in enumerate(self.market.edges)
            if values[index] > CHOSEN and values[self.size + index] > 0
        )

    def _part(self, edge: Edge, steps: int) -> float:
        """Steps as a part of the largest deficit."""
        return steps * edge.units_per_step * edge.token / self.scale

    def _sinks(self) -> None:
        for sink in range(len(self.market.deficits)):
            inner = [i for i, edge in enumerate(self.market.edges) if edge.sink == sink]
            need = self.market.deficit_in_finest(sink) / self.scale
            self.rows.append(({self.size + index: 1.0 for index in inner}, need, np.inf))

    def _sources(self) -> None:
        for source in range(len(self.market.supplies)):
            row: Row = {}
            for index, edge in enumerate(self.market.edges):
                if edge.source == source:
                    gross = edge.denominator / (edge.denominator - edge.numerator)
                    row[self.size + index] = gross
                    row[index] = gross * edge.fee * edge.token / self.scale
            supply = self.market.supply_in_finest(source) / self.scale
            if row:
                self.rows.append((row, -np.inf, supply))

    def _links(self) -> None:
        """Nothing over an edge that is not chosen; its limits where it is."""
        for index, edge in enumerate(self.market.edges):
            most, least = self._part(edge, edge.most), self._part(edge, edge.least)
            self.rows.append(({self.size + index: 1.0, index: -most}, -np.inf, 0.0))
            if edge.low > 1:
                self.rows.append(({self.size + index: 1.0, index: -least}, 0.0, np.inf))

    def _pairs(self) -> None:
        """A trigger needs one edge that covers it alone, or two others."""
        for sink, deficit in enumerate(self.market.deficits):
            row: Row = {
                index: 2.0 if edge.most * edge.step >= deficit else 1.0
                for index, edge in enumerate(self.market.edges)
                if edge.sink == sink
            }
            self.rows.append((row, 2.0, np.inf))

    def _constraints(self) -> object:
        values, rows, columns = list[float](), list[int](), list[int]()
        for number, (row, _, _) in enumerate(self.rows):
            for column, value in row.items():
                values.append(value)
                rows.append(number)
                columns.append(column)
        matrix = _scipy("sparse").csr_matrix(
            (values, (rows, columns)), shape=(len(self.rows), 2 * self.size)
        )
        low = np.array([low for _, low, _ in self.rows])
        high = np.array([high for _, _, high in self.rows])
        return _scipy("optimize").LinearConstraint(matrix, low, high)
