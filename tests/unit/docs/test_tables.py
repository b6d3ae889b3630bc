"""Tests of the tables of invariants and guards: complete, with tests that exist."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TESTS = ROOT / "tests"
ROWS = {"invariants.md": 51, "known-failures.md": 39, "failures.md": 6}
DOCUMENTS = pytest.mark.parametrize("document", ROWS)


def rows(document: str) -> dict[int, str]:
    """Return the last column of each row, by number."""
    text = (ROOT / "docs" / "evidence" / document).read_text()
    found = re.findall(r"^\| (\d+) \|.*\| ([^|]+) \|$", text, re.MULTILINE)
    assert len(found) == len({number for number, _ in found}), "a number stands there twice"
    return {int(number): tests for number, tests in found}


def exists(test: str) -> bool:
    """Return whether the file has a function of that name."""
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
def test_table__every_row__names_a_test(document: str) -> None:
    assert [number for number, cell in rows(document).items() if "`" not in cell] == []


def test_guards__seen_to_fail__says_how() -> None:
    text = (ROOT / "docs" / "evidence" / "known-failures.md").read_text()
    seen = re.findall(r"^\| \d+ \|.*\| ([^|]+) \| [^|]+ \|$", text, re.MULTILINE)

    assert len(seen) == ROWS["known-failures.md"]
    assert set(seen) <= {"by mutation run", "no"}


def test_exists__no_such_function_or_file__is_seen() -> None:
    assert exists("unit/docs/test_tables.py::test_exists__no_such_function_or_file__is_seen")
    assert not exists("unit/docs/test_tables.py::test_exists")
    assert not exists("unit/docs/nothing.py::test")
