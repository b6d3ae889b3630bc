"""The tables of invariants and of guards are complete, and name tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
#: Rows without a test yet, by document. To be emptied; a row that has its test must be taken out.
EXPECTED_OPEN = {
    "invariants.md": [
        *(2, 4, 8, 11, 12, 13, 15, 16, 22, 23, 25, 26, 27, 28, 29, 31, 32, 33, 34, 35, 36),
        *(40, 41, 42, 45, 49, 50),
    ],
    "guards.md": [10, 11, 12, 13, 16, 18, 19, 21, 23, 29, 30, 31, 32, 35],
}
ROWS = {"invariants.md": 50, "guards.md": 35}
DOCUMENTS = pytest.mark.parametrize("document", ROWS)


def rows(document: str) -> dict[int, str]:
    """The last column by number."""
    text = (ROOT / "docs" / document).read_text()
    found = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert len(found) == len({number for number, _ in found}), "a number stands there twice"
    return {int(number): tests for number, tests in found}


def exists(test: str) -> bool:
    """Whether the file has a function of that name."""
    file, _, function = test.partition("::")
    path = TESTS / file
    keyword = "def" if path.suffix == ".py" else "function"
    return path.is_file() and f"{keyword} {function}(" in path.read_text()


@DOCUMENTS
def test_table__every_number__is_there_once(document: str) -> None:
    assert sorted(rows(document)) == list(range(1, ROWS[document] + 1))


@DOCUMENTS
def test_table__tests__exist(document: str) -> None:
    named = [test for cell in rows(document).values() for test in re.findall(r"`([^`]+)`", cell)]

    assert [test for test in named if not exists(test)] == []


@DOCUMENTS
def test_table__rows_without_test__are_those_expected(document: str) -> None:
    table = rows(document)

    assert all(cell == "open" or "`" in cell for cell in table.values())
    assert [n for n, cell in table.items() if cell == "open"] == EXPECTED_OPEN[document]


def test_exists__no_such_function_or_file__is_seen() -> None:
    assert exists("unit/docs/test_tables.py::test_exists__no_such_function_or_file__is_seen")
    assert not exists("unit/docs/test_tables.py::test_exists")
    assert not exists("unit/docs/nothing.py::test")
