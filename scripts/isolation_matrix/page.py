"""Page of the documentation that shows the isolation matrix."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.isolation_matrix.matrix import MEANING, ROOT, Component, Failure, Matrix

PAGE = ROOT / "docs" / "evidence" / "isolation.md"

INTRODUCTION = """\
# Isolation of broken components

<!-- `python -m scripts.isolation_matrix` writes this page. -->

Each component that Ballast depends on can break: revert, burn its gas, return garbage, be silent,
slow, stale or paused, or be wrong by one unit. For each kind of component this page lists what
stops, what continues, and the test of each kind of failure: {components} kinds of component, {rows}
rows.

The page is generated from one table. A test compares the table with the sources and with the
tests. The build fails for a new venue, route, bridge or other component without rows, for a kind
of failure with neither a row nor a reason why it cannot occur, and for a test row that is not in
the table. [Guards switched off](isolation-guards.md) shows that rows fail without their guards.

| broken | meaning |
| --- | --- |
"""


def page(matrix: Matrix) -> str:
    """Return the page."""
    head = INTRODUCTION.format(components=len(matrix.components), rows=len(matrix.rows()))
    meanings = [f"| {each} | {MEANING[each]} |" for each in Failure]
    sections = (line for each in matrix.components.values() for line in _section(each))
    return head + "\n".join([*meanings, *sections, *_tables(matrix)]) + "\n"


def _section(component: Component) -> Iterator[str]:
    yield from ("", f"## {component.name}", "")
    yield from (f"Stops: {component.stops}.", "", f"Continues: {component.goes_on}.", "")
    yield from ("| broken | rows |", "| --- | --- |")
    for failure in Failure:
        if failure in component.rows:
            shown = ", ".join(f"`{_short(row)}`" for row in component.rows[failure])
        else:
            shown = f"cannot occur: {component.excluded[failure]}"
        yield f"| {failure} | {shown} |"


def _short(row: str) -> str:
    """Return a row's id, or the name of its test without its folder."""
    return row.rpartition("/")[2]


def _tables(matrix: Matrix) -> Iterator[str]:
    yield from ("", "## Files of the rows", "", "| rows | file |", "| --- | --- |")
    yield from (f"| `{prefix}...` | `{file}` |" for prefix, file in matrix.tables.items())
    others = sorted({matrix.file_of(row) for row in matrix.rows() if "::" in row})
    yield from (f"| tests by name | `{file}` |" for file in others)
