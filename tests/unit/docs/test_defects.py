"""Tests of the table of defects: complete, with existing tests and vectors, and a current page."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.defects.page import PAGE, page
from scripts.defects.table import read_table
from tests.unit.docs.test_tables import exists

TESTS = Path(__file__).parents[2]
VECTORS = TESTS / "vectors" / "tiers"
WRITTEN_FOR = re.compile(r"def (test_defect_(\d\d)_\w+)\(")
NAMED = re.compile(r"([^\[\]]+)(?:\[(\w+)\])?")


def stands(test: str) -> bool:
    """Return whether a test exists, and its vector if it names one."""
    parts = NAMED.fullmatch(test)
    if parts is None or not exists(parts[1]):
        return False
    return parts[2] is None or (VECTORS / f"{parts[2]}.json").is_file()


def test_defects__all_43__are_there_in_order() -> None:
    assert [each.number for each in read_table().defects] == list(range(1, 44))


def test_defects__every_row__names_tests_that_exist() -> None:
    rows = read_table().defects

    assert [each.number for each in rows if not each.tests] == []
    assert [test for each in rows for test in each.tests if not stands(test)] == []


def test_defects__every_test_written_for_one__stands_in_its_row() -> None:
    rows = {each.number: each.tests for each in read_table().defects}
    written = {
        (int(number), f"{file.relative_to(TESTS)}::{name}")
        for file in (TESTS / "unit" / "defects").glob("test_*.py")
        for name, number in WRITTEN_FOR.findall(file.read_text())
    }

    assert written
    assert [test for number, test in sorted(written) if test not in rows[number]] == []


def test_fixtures__f1_to_f5__have_their_vectors() -> None:
    fixtures = read_table().fixtures

    assert [each.name for each in fixtures] == ["F1", "F2", "F3", "F4", "F5"]
    vectors = [vector for each in fixtures for vector in each.vectors]
    assert [each for each in vectors if not (VECTORS / f"{each}.json").is_file()] == []


def test_page__is_what_the_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(read_table())


def test_stands__no_such_vector_or_function__is_seen() -> None:
    planner = "unit/planning/tiers/test_vectors.py"
    test = f"{planner}::test_plan_tiers_file__vector__answers_as_computed_by_hand"

    assert stands(f"{test}[f1_cash_low]")
    assert not stands(f"{test}[f1_cash]")
    assert not stands(f"{planner}::test_plan[f1_cash_low]")
