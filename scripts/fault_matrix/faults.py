"""Faults and their tests, from `faults.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("faults.toml")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """Row of the matrix.

    Attributes:
        number: Number in the names of its tests.
        fault: The fault.
        injection: Method by which the tests inject it.
        outcome: Reaction of the engine.
        tests: Files below `tests/` and functions, as pytest writes them.
        note: Remark on an unexpected outcome or an incomplete test.
    """

    number: int
    fault: str
    injection: str
    outcome: str
    tests: tuple[str, ...] = ()
    note: str = ""


def read_faults() -> tuple[Fault, ...]:
    """Return all rows, in order."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["faults"]
    return tuple(map(_fault, rows))


def _fault(row: dict[str, Any]) -> Fault:
    tests = tuple(row.pop("tests"))
    return Fault(tests=tests, **row)
