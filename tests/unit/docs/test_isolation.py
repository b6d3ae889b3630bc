"""Tests of the isolation matrix: it has each component and failure, and a test for each row."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from scripts.isolation_matrix.matrix import ROOT, Component, Failure, read_matrix
from scripts.isolation_matrix.page import PAGE, page
from tests.integration.bridges.broken import BROKEN
from tests.integration.recurring.isolation import ROWS as RECURRING
from tests.unit.chain.vault.broken_holding import ROWS as HOLDINGS

MATRIX = read_matrix()
KINDS = (
    "contracts/venues/*.sol",
    "contracts/treasury/routes/*.sol",
    "contracts/treasury/Treasury.sol",
    "contracts/portfolio/Portfolio.sol",
    "contracts/security/PriceOracle.sol",
    "contracts/recurring/*.sol",
    "keepers/bridges/*/__init__.py",
    "keepers/signing/*.py",
    "keepers/web/*.py",
    "keepers/audit/*.py",
    "keepers/notifications/*.py",
    "keepers/chain/pool/*.py",
    "keepers/store/*.py",
)
"""Sources of components; a new file here needs rows."""
MADE_OF = {
    "tests/integration/bridges/broken.py": [each.row.row_id for each in BROKEN],
    "tests/integration/recurring/isolation.py": [each.id for each in RECURRING],
    "tests/unit/chain/vault/broken_holding.py": [each.id for each in HOLDINGS],
}
"""Row ids that are built in code, by table."""


def rows_of(table: str) -> set[str]:
    """Return the ids of all rows of a table."""
    if table in MADE_OF:
        return set(MADE_OF[table])
    text = (ROOT / table).read_text(encoding="utf-8")
    return set(re.findall(r'"((?:[HCND]|B-BATCH)-[A-Z0-9_-]+)"', text))


def covered() -> set[str]:
    """Return the sources that components cover."""
    return {
        str(path.relative_to(ROOT))
        for component in MATRIX.components.values()
        for pattern in component.covers
        for path in ROOT.glob(pattern)
    }


def test_matrix__every_source_of_a_component__is_covered() -> None:
    sources = {str(path.relative_to(ROOT)) for kind in KINDS for path in ROOT.glob(kind)}
    assert sources - covered() == set()


@pytest.mark.parametrize("component", MATRIX.components.values(), ids=MATRIX.components)
def test_component__every_pattern__finds_something(component: Component) -> None:
    assert [each for each in component.covers if not list(ROOT.glob(each))] == []


@pytest.mark.parametrize("component", MATRIX.components.values(), ids=MATRIX.components)
def test_component__every_failure__has_a_row_or_a_reason(component: Component) -> None:
    assert set(component.rows) | set(component.excluded) == set(Failure)
    assert not set(component.rows) & set(component.excluded)
    assert all(component.rows.values())
    assert all(component.excluded.values())


@pytest.mark.parametrize("table", MATRIX.tables.values(), ids=MATRIX.tables)
def test_table__its_rows__are_those_of_the_matrix(table: str) -> None:
    listed = {row for row in MATRIX.rows() if "::" not in row and MATRIX.file_of(row) == table}
    assert rows_of(table) == listed


@pytest.mark.parametrize("row", sorted({each for each in MATRIX.rows() if "::" in each}))
def test_row__by_name__has_a_test(row: str) -> None:
    file, _, name = row.partition("::")
    text = (ROOT / file).read_text(encoding="utf-8")
    assert re.search(rf"\b(?:def|function) {name}\(", text)


def test_row__with_an_id__is_of_one_component() -> None:
    counted = Counter(row for row in MATRIX.rows() if "::" not in row)
    assert [row for row, count in counted.items() if count > 1] == []


def test_page__matrix__is_what_it_shows() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(MATRIX), (
        "run `python -m scripts.isolation_matrix`"
    )
