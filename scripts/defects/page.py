"""Page of the defects as Markdown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from scripts.defects.table import Defect, Fixture, Section, Table

PAGE = Path(__file__).parents[2] / "docs" / "evidence" / "defects.md"
HEAD = """# Defects of the source document

<!-- `python -m scripts.defects` writes this page. -->

The rebalance engine was built from a design document with code. This page lists the defects of
that document, the behaviour of Ballast, and the tests that show it. A test that was written for
one defect has a name that begins with `test_defect_` and the number. A unit test checks that
every test named here exists. Paths are relative to `tests/`; a name in brackets is a file in
`tests/vectors/tiers`.
"""
COLUMNS = "| # | defect | Ballast | tests |\n| --- | --- | --- | --- |\n"
FIXTURES = """
## Fixtures

Vaults with amounts computed by hand. Each is planned by
`unit/planning/tiers/test_vectors.py::test_plan_tiers_file__vector__answers_as_computed_by_hand`.

| fixture | vault, and the expected plan | vectors |
| --- | --- | --- |
"""


def page(table: Table) -> str:
    """Return the whole page."""
    sections = "".join(line for section in table.sections for line in _section(section))
    return HEAD + sections + FIXTURES + "".join(map(_fixture, table.fixtures))


def _section(section: Section) -> Iterator[str]:
    yield f"\n## {section.title}\n\n{COLUMNS}"
    yield from map(_row, section.defects)


def _row(defect: Defect) -> str:
    return f"| {defect.number} | {defect.wrong} | {defect.ours} | {_names(defect.tests)} |\n"


def _fixture(fixture: Fixture) -> str:
    return f"| {fixture.name} | {fixture.what} | {_names(fixture.vectors)} |\n"


def _names(names: tuple[str, ...]) -> str:
    return " ".join(f"`{each}`" for each in names)
