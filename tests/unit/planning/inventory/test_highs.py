"""Tests of the solver on very small programs."""

# pyright: reportPrivateUsage=false

from __future__ import annotations

import os
from math import isclose
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from keepers.planning.inventory import highs
from keepers.planning.inventory.highs import Numbers, Program, SolverResult, quiet_output
from keepers.planning.inventory.solution import PlanningDeadline
from tests.unit.planning.inventory.markets import answer, endless

ENDLESS = float("inf")


@pytest.mark.parametrize(
    ("bound", "whole"),
    [
        (-1.0, 0),
        (0.0, 0),
        (0.1, 1),
        (1.0, 1),
        (1.000_000_9, 1),
        (1.000_002, 2),
        (1.999_999_5, 2),
        (2.5, 3),
    ],
)
def test_whole_bound__rounded_up_but_for_the_tolerance(bound: float, whole: int) -> None:
    assert SolverResult(None, bound, proven=True).whole_bound == whole


def minimised(
    program: Program,
    cost: list[float],
    high: list[float],
    whole: list[float],
    deadline: PlanningDeadline | None = None,
) -> SolverResult:
    low = np.zeros(len(cost))
    return program.minimise(
        np.array(cost), low, np.array(high), np.array(whole), deadline or endless()
    )


@pytest.mark.parametrize(
    ("whole", "values", "bound"),
    # Without integer variables the solver reports no bound.
    [([0, 0], [2.5, 0.5], 0.0), ([1, 0], [2.0, 1.0], 7.0), ([0, 1], [2.0, 1.0], 7.0)],
)
def test_minimise__rows_and_bounds__hold_at_the_least_cost(
    whole: list[float], values: list[float], bound: float
) -> None:
    program = Program(2)
    program.demand({0: 1.0, 1: 1.0}, low=3.0)
    program.demand({0: 2.0}, high=5.0)

    found = minimised(program, [2.0, 3.0], [9.0, 9.0], whole)

    assert found.values is not None
    assert np.allclose(found.values, values)
    assert isclose(found.bound, bound)
    assert found.proven


def test_minimise__upper_bounds__hold() -> None:
    program = Program(2)
    program.demand({0: 1.0, 1: 1.0}, low=3.0)
    found = minimised(program, [1.0, 2.0], [1.0, 9.0], [1, 1])
    assert found.values is not None
    assert np.allclose(found.values, [1.0, 2.0])


def test_minimise__impossible__has_neither_values_nor_a_bound() -> None:
    program = Program(1)
    program.demand({0: 1.0}, low=2.0)
    found = minimised(program, [1.0], [1.0], [1])
    assert (found.values, found.bound, found.proven) == (None, 0.0, False)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Requests to a fake solver that stops without an answer."""
    questions: list[dict[str, Any]] = []

    def milp(_: object, **given: Any) -> SimpleNamespace:
        questions.append(given)
        return SimpleNamespace(x=None, mip_dual_bound=None, status=1)

    def bounds(low: Numbers, high: Numbers) -> Any:
        return low.tolist(), high.tolist()

    def constraint(matrix: object, low: Numbers, high: Numbers) -> Any:
        return matrix, low.tolist(), high.tolist()

    def csr_matrix(entries: object, shape: object) -> Any:
        return entries, shape

    optimize = SimpleNamespace(milp=milp, Bounds=bounds, LinearConstraint=constraint)
    sparse = SimpleNamespace(csr_matrix=csr_matrix)
    monkeypatch.setattr(highs, "_scipy", {"optimize": optimize, "sparse": sparse}.__getitem__)
    return questions


@pytest.mark.parametrize(("left", "limit"), [(2.0, 2.0), (0.5, 0.5), (0.005, 0.01)])
def test_minimise__time_left__is_the_solvers_limit_but_for_the_shortest(
    left: float, limit: float, asked: list[dict[str, Any]]
) -> None:
    program = Program(3)
    program.demand({2: 4.0, 0: -1.0}, low=1.0)
    program.demand({1: 2.0}, high=7.0)

    deadline = PlanningDeadline(left, lambda: 0.0)
    found = minimised(program, [1.0, 1.0, 1.0], [1.0, 2.0, 3.0], [1, 0, 1], deadline)

    assert (found.values, found.bound, found.proven) == (None, 0.0, False)
    (question,) = asked
    assert question["options"] == {"time_limit": limit, "mip_rel_gap": 0.0}
    assert question["integrality"].tolist() == [1, 0, 1]
    assert question["bounds"] == ([0.0, 0.0, 0.0], [1.0, 2.0, 3.0])
    entries = ([4.0, -1.0, 2.0], ([0, 0, 1], [2, 0, 1]))
    assert question["constraints"] == ((entries, (2, 3)), [1.0, -ENDLESS], [ENDLESS, 7.0])


@pytest.mark.parametrize(
    ("bound", "kept"), [(2.5, 2.5), (None, 0.0), (-ENDLESS, 0.0), (ENDLESS, 0.0)]
)
def test_minimise__no_finite_bound__is_0(
    bound: float | None, kept: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = SimpleNamespace(x=None, mip_dual_bound=bound, status=0)
    nothing = answer(None)
    optimize = SimpleNamespace(milp=answer(result), Bounds=nothing, LinearConstraint=nothing)
    sparse = SimpleNamespace(csr_matrix=nothing)
    monkeypatch.setattr(highs, "_scipy", {"optimize": optimize, "sparse": sparse}.__getitem__)

    found = minimised(Program(1), [1.0], [1.0], [1])

    assert (found.bound, found.proven) == (kept, True)


def test_quiet_output__native_code_prints__is_dropped_until_the_end(
    capfd: pytest.CaptureFixture[str],
) -> None:
    unused = _unused_descriptor()
    with quiet_output():
        os.write(1, b"noise")
        os.write(2, b"error")
    os.write(1, b"sound")

    assert capfd.readouterr() == ("sound", "error")
    assert _unused_descriptor() == unused


def _unused_descriptor() -> int:
    """Return the lowest unused file descriptor."""
    number = os.dup(1)
    os.close(number)
    return number
