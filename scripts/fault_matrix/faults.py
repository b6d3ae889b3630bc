"""The faults and their tests, from `faults.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DATA = Path(__file__).with_name("faults.toml")


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A row of the matrix.

    Attributes:
        number: By which tests are named after it.
        fault: What goes wrong.
        injection: How the tests make it go wrong.
        outcome: What the engine does.
        tests: Files below `tests/` and functions, as pytest writes them.
        note: Where the outcome is not what one would expect, or the test is less than it could be.
    """

    number: int
    fault: str
    injection: str
    outcome: str
    tests: tuple[str, ...] = ()
    note: str = ""


def read_faults() -> tuple[Fault, ...]:
    """All rows, in their order."""
    rows = tomllib.loads(DATA.read_text(encoding="utf-8"))["faults"]
    return tuple(map(_fault, rows))


def _fault(row: dict[str, Any]) -> Fault:
    tests = tuple(row.pop("tests"))
    return Fault(tests=tests, **row)
