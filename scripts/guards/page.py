"""Page of the documentation that shows which rows miss a guard."""

from __future__ import annotations

from collections.abc import Iterable

from scripts.guards.guard import ROOT
from scripts.guards.trial import Result

PAGE = ROOT / "docs" / "isolation-guards.md"
SHOWN = 6
"""Rows that are named; the others are counted."""

INTRODUCTION = """\
# Guards switched off

<!-- `python -m scripts.guards` tries and writes this page. -->

What is broken stops only itself ([the isolation matrix](isolation.md)) because of guards: bounds,
limits and checks. Here each of some was switched off in a copy of the repository, and the rows that
need it were run. At least one row has to fail; a guard that no row misses ends the program with an
error. A forge test stops at its first row that fails, so that more of its rows may miss the guard
than are named.

| guard | file | rows that fail without it |
| --- | --- | --- |
"""


def page(results: Iterable[Result]) -> str:
    """Return the page."""
    return INTRODUCTION + "".join(f"{_line(each)}\n" for each in results)


def _line(result: Result) -> str:
    named = ", ".join(f"`{row}`" for row in result.failed[:SHOWN])
    more = len(result.failed) - SHOWN
    rows = f"{named} and {more} more" if more > 0 else named
    return f"| {result.guard.name} | `{result.guard.file}` | {rows} |"
