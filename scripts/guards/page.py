"""Page of the documentation that lists the rows that fail without a guard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scripts.guards.guard import ROOT, Guard
from scripts.guards.trial import Result

PAGE = ROOT / "docs" / "evidence" / "isolation-guards.md"
SHOWN = 6
"""Number of rows listed by name; the others are counted."""

INTRODUCTION = """\
# Guards switched off

<!-- `python -m scripts.guards` tries all and writes this page; with names it tries those. -->

Guards, that is bounds, limits and checks, confine a broken component ([the isolation
matrix](isolation.md)). Each guard below was removed in a copy of the repository, and the rows
that need it were run. At least one row must fail; otherwise the program ends with an error. A
forge test stops at its first failing row, so more rows may need the guard than are listed.

| guard | file | rows that fail without it |
| --- | --- | --- |
"""


def page(guards: Iterable[Guard], results: Sequence[Result], before: str) -> str:
    """Return the page.

    Args:
        guards: Guards on the page, in order.
        results: Results of the guards that were tried.
        before: Previous page; guards that were not tried keep their line.
    """
    tried = {each.guard.name: _line(each) for each in results}
    kept = {each.split(" | ")[0].removeprefix("| "): each for each in before.splitlines()}
    lines = (tried.get(each.name) or kept.get(each.name) for each in guards)
    return INTRODUCTION + "".join(f"{each}\n" for each in lines if each)


def _line(result: Result) -> str:
    named = ", ".join(f"`{row}`" for row in result.failed[:SHOWN])
    more = len(result.failed) - SHOWN
    rows = f"{named} and {more} more" if more > 0 else named
    return f"| {result.guard.name} | `{result.guard.file}` | {rows} |"
