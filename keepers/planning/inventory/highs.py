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
    """Drop what native code prints: HiGHS reports some repairs whatever its options say."""
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
"""Tolerance of the solver's numbers around whole numbers."""

CHOSEN = 0.5
"""A binary number above this is a one."""

SHORTEST = 0.01
"""Seconds that the solver has at least."""

Numbers = NDArray[np.float64]
Row = dict[int, float]
"""Factors by the number of the variable."""


@dataclass(frozen=True, slots=True)
class SolverResult:
    """Values of the variables if any were found, a bound on the cost, and whether they meet."""

    values: Numbers | None
    bound: float
    proven: bool

    @property
    def whole_bound(self) -> int:
        """The bound where costs are whole."""
        return max(0, ceil(self.bound - TOLERANCE))


class Program:
    """Linear conditions on variables."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.rows: list[tuple[Row, float, float]] = []

    def demand(self, row: Row, low: float = -np.inf, high: float = np.inf) -> None:
        """A sum that has to lie between two numbers."""
        self.rows.append((row, low, high))

    def minimise(
        self, cost: Numbers, low: Numbers, high: Numbers, whole: Numbers, deadline: PlanningDeadline
    ) -> SolverResult:
        """The values of least cost between bounds; those marked with 1 in `whole` are integers."""
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
    """A part of SciPy, loaded when it is needed: that takes longer than most plans."""
    return import_module(f"scipy.{module}")
