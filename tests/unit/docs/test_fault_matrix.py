"""Tests of the fault matrix: it names every fault and its tests, and its page is current."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from scripts.fault_matrix.faults import read_faults
from scripts.fault_matrix.page import PAGE, page
from scripts.fault_matrix.results import kept, read_reports

TESTS = Path(__file__).parents[2]
NAME = re.compile(r"test_fault_(\d\d)_")
REPORT = """<testsuites><testsuite>
<testcase name="test_fault_01_a__b[sqlite-0]"/>
<testcase name="test_fault_01_a__b[postgres-0]"><failure/></testcase>
<testcase name="test_fault_01_c__d[postgres]"/>
<testcase name="test_fault_02_e__f"><skipped/></testcase>
<testcase name="test_other[sqlite]"/>
</testsuite></testsuites>"""


def in_the_tree() -> dict[str, int]:
    """Return all tests of faults, with the row of each."""
    found: dict[str, int] = {}
    for file in TESTS.rglob("test_*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                number = NAME.match(node.name)
                if number is not None:
                    found[f"{file.relative_to(TESTS)}::{node.name}"] = int(number[1])
    return found


def test_faults__all_seventy__are_there_in_order() -> None:
    assert [each.number for each in read_faults()] == list(range(1, 71))


def test_faults__tests__are_those_of_the_tree() -> None:
    named = {test: each.number for each in read_faults() for test in each.tests}
    assert named == in_the_tree()


def test_results__every_test_that_ran__has_passed() -> None:
    results = kept()
    for fault in read_faults():
        found = results.get(str(fault.number), {})
        assert sum(each.get("passed", 0) for each in found.values()) >= len(fault.tests) > 0, fault
        assert not any("failed" in each for each in found.values()), fault


def test_page__is_up_to_date() -> None:
    assert PAGE.read_text() == page(read_faults(), kept()), "run `python -m scripts.fault_matrix`"


def test_read_reports__counts_by_row_and_database(tmp_path: Path) -> None:
    file = tmp_path / "report.xml"
    file.write_text(REPORT)
    assert read_reports([file]) == {
        "1": {"postgres": {"failed": 1, "passed": 1}, "sqlite": {"passed": 1}},
        "2": {"none": {"failed": 1}},
    }
