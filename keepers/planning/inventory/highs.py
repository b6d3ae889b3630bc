"""Interface to the mixed-integer solver (HiGHS, through SciPy)."""

import os
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from math import ceil, isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keepers.planning.inventory.solution import PlanningDeadline

STANDARD_OUTPUT = 1


@contextmanager
def quiet_output() -> Generator[None]:
    """Discard native output: HiGHS prints some repairs despite its options."""
    sys.stdout.flush()
    kept = os.dup(STANDARD_OUTPUT)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, STANDARD_OUTPUT)
        yield
    finally:
        os.dup2(kept, STANDARD_OUTPUT)
        os.close(kept)
        os.close(nowhere)


TOLERANCE = 1e-6
"""Tolerance for treating the solver's numbers as whole."""

CHOSEN = 0.5
"""Threshold above which a binary variable counts as 1."""

SHORTEST = 0.01
"""Minimum time limit of the solver, in seconds."""

Numbers = NDArray[np.float64]
Row = dict[int, float]
"""Coefficients by variable number."""


@dataclass(frozen=True, slots=True)
class SolverResult:
    """Values of the variables if found, a bound on the cost, and whether optimality is proven."""

    values: Numbers | None
    bound: float
    proven: bool

    @property
    def whole_bound(self) -> int:
        """Return the bound, rounded up, for integer costs."""
        return max(0, ceil(self.bound - TOLERANCE))


class Program:
    """A linear program."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: list[tuple[Row, float, float]] = []

    def demand(self, row: Row, low: float = -np.inf, high: float = np.inf) -> None:
        """Constrain a linear sum to a range."""
        self.rows.append((row, low, high))

    def minimise(
        self, cost: Numbers, low: Numbers, high: Numbers, whole: Numbers, deadline: PlanningDeadline
    ) -> SolverResult:
        """Minimize the cost within bounds; variables marked 1 in `whole` are integers."""
        optimize = _scipy("optimize")
        with quiet_output():
            result = optimize.milp(
                cost,
                integrality=whole,
                bounds=optimize.Bounds(low, high),
                constraints=self._constraints(),
                options={"time_limit": max(deadline.left, SHORTEST), "mip_rel_gap": 0.0},
            )
        bound: float | None = result.mip_dual_bound
        return SolverResult(
            result.x,
            bound if bound is not None and isfinite(bound) else 0.0,
            bool(result.status == 0),
        )

    def _constraints(self) -> object:
        values, rows, columns = list[float](), list[int](), list[int]()
        for number, (row, _, _) in enumerate(self.rows):
            for column, value in row.items():
                values.append(value)
                rows.append(number)
                columns.append(column)
        shape = (len(self.rows), self.size)
        matrix = _scipy("sparse").csr_matrix((values, (rows, columns)), shape=shape)
        low = np.array([low for _, low, _ in self.rows])
        high = np.array([high for _, _, high in self.rows])
        return _scipy("optimize").LinearConstraint(matrix, low, high)


@cache
def _scipy(module: str) -> Any:  # noqa: ANN401 - the package has no types
    """Import a SciPy module on first use, since the import takes longer than most plans."""
    return import_module(f"scipy.{module}")
