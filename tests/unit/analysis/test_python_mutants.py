"""Tests of mutants of Python modules: relevant changes, covering tests, outcome of a trial."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest
from coverage import CoverageData

from scripts.analysis.forge_copy import BrokenTreeError
from scripts.analysis.python.covering import Covering
from scripts.analysis.python.mutants import Change, PythonMutant, Span, meaningful
from scripts.analysis.python.trial import Outcome, code_copy, run_tests

TEXT = textwrap.dedent(
    """\
    from dataclasses import dataclass

    @dataclass(frozen=True)
    class Lot:
        size: int | None = 2

    def least(a: int | None, b: int) -> int | str:
        if a < b:
            return 1
        if a < b:
            return 1
        return 0
    """
)


def change(operator: str, text: str, function: str = "", skip: int = 0) -> Change:
    """Describe a change of a text in the module in the form of cosmic-ray."""
    start = -1
    for _ in range(skip + 1):
        start = TEXT.index(text, start + 1)
    row = TEXT.count("\n", 0, start) + 1
    column = start - (TEXT.rfind("\n", 0, start) + 1)
    span = Span((row, column), (row, column + len(text)))
    return Change(f"core/{operator}", 0, span, function)


def kept(*changes: Change) -> list[PythonMutant]:
    return meaningful("keepers/lot.py", TEXT, changes)


@pytest.mark.parametrize(
    "left_out",
    [
        pytest.param(change("ReplaceBinaryOperator_BitOr_BitAnd", "|"), id="annotation of a field"),
        pytest.param(
            change("ReplaceBinaryOperator_BitOr_BitAnd", "|", "least", 1), id="of an argument"
        ),
        pytest.param(
            change("ReplaceBinaryOperator_BitOr_BitAnd", "|", "least", 2), id="of a result"
        ),
        pytest.param(change("ReplaceTrueWithFalse", "True"), id="flag of a declaration"),
        pytest.param(change("ReplaceComparisonOperator_Lt_Eq", "<", "least"), id="far operator"),
        pytest.param(change("RemoveDecorator", "@dataclass"), id="decorator"),
    ],
)
def test_meaningful__nothing_that_a_test_could_notice__is_left_out(left_out: Change) -> None:
    assert kept(left_out) == []


def test_meaningful__equal_lines__are_counted_in_their_function() -> None:
    first = change("ReplaceComparisonOperator_Lt_LtE", "<", "least")
    second = change("ReplaceComparisonOperator_Lt_LtE", "<", "least", 1)
    found = kept(second, first, change("NumberReplacer", "2"))
    assert [(each.line, each.before, each.nth) for each in found] == [
        (5, "size: int | None = 2", 1),
        (8, "if a < b:", 1),
        (10, "if a < b:", 2),
    ]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A checkout with one module and its tests."""
    (tmp_path / "keepers").mkdir()
    (tmp_path / "keepers" / "__init__.py").touch()
    (tmp_path / "keepers" / "lot.py").write_text("def twice(x: int) -> int:\n    return 2 * x\n")
    tests = tmp_path / "tests" / "unit" / "lots"
    tests.mkdir(parents=True)
    (tests / "test_lot.py").write_text(
        "from keepers.lot import twice\n\n\ndef test_twice():\n    assert twice(2) == 4\n"
    )
    (tmp_path / "pyproject.toml").write_text('[tool.pytest.ini_options]\npythonpath = ["."]\n')
    return tmp_path


def covering(folder: Path, contexts: dict[str, list[int]]) -> Covering:
    data = CoverageData(str(folder / "data"))
    for name, lines in contexts.items():
        data.set_context(name)
        data.add_lines({"keepers/lot.py": lines})
    data.write()
    return Covering(folder, folder / "data")


def test_covering__line_of_a_function__has_its_tests_alone(copy: Path) -> None:
    found = covering(copy, {"": [1], "tests.unit.lots.test_lot.test_twice": [2]})
    assert found.tests("keepers/lot.py", [2]) == ["tests/unit/lots/test_lot.py::test_twice"]


def test_covering__line_that_runs_at_import__has_all_tests_of_its_module(copy: Path) -> None:
    found = covering(copy, {"": [1], "tests.unit.lots.test_lot.TestLot.test_twice": [2]})
    assert found.tests("keepers/lot.py", [1]) == [
        "tests/unit/lots/test_lot.py::TestLot::test_twice"
    ]
    assert found.tests("keepers/other.py", [1]) == []


def test_covering__module_is_also_imported_in_a_test__has_all_tests_of_its_module(
    copy: Path,
) -> None:
    """A constant was tried with the one test that imports its module late."""
    late = "tests.unit.lots.test_late.test_imports"
    (copy / "tests" / "unit" / "lots" / "test_late.py").touch()
    found = covering(copy, {"": [1], late: [1], "tests.unit.lots.test_lot.test_twice": [2]})
    assert found.tests("keepers/lot.py", [1]) == [
        "tests/unit/lots/test_late.py::test_imports",
        "tests/unit/lots/test_lot.py::test_twice",
    ]


@pytest.mark.long
def test_run_tests__module_of_the_copy__is_the_one_that_is_tried(copy: Path) -> None:
    test = ["tests/unit/lots/test_lot.py::test_twice"]
    assert run_tests(copy, test, keep=True) is Outcome.SURVIVED
    (copy / "keepers" / "lot.py").write_text("def twice(x: int) -> int:\n    return 3 * x\n")
    assert run_tests(copy, test) is Outcome.KILLED
    with pytest.raises(BrokenTreeError, match="no tests were run"):
        run_tests(copy, test, "-k", "nothing")


@pytest.mark.long
def test_code_copy__unit_tests__can_be_collected() -> None:
    """A unit test needed a folder that was not copied, so that no mutant could be tried."""
    with code_copy() as folder:
        assert run_tests(folder, ["tests/unit"], "--collect-only") is Outcome.SURVIVED
