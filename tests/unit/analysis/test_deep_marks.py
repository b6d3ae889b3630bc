"""Test that each module with more cases in `make deep` has the mark by which it is selected."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
MORE_WITH_DEEP = ("from tests.support.deep import", "run_state_machine_as_test(")


def test_marks__test_module_with_more_cases_in_deep_runs__is_marked() -> None:
    using = [
        path
        for path in sorted((ROOT / "tests").rglob("test_*.py"))
        if path != Path(__file__) and any(word in path.read_text() for word in MORE_WITH_DEEP)
    ]

    unmarked = [str(path.relative_to(ROOT)) for path in using if not is_marked(path)]

    assert len(using) > 10
    assert not unmarked


def is_marked(path: Path) -> bool:
    """Return whether `-m deep` selects the module."""
    return any(
        line.startswith("pytestmark") and "pytest.mark.deep" in line
        for line in path.read_text().splitlines()
    )


@pytest.mark.parametrize("line", ["", "# pytestmark = pytest.mark.deep", "pytestmark = []"])
def test_marks__no_mark__is_seen(tmp_path: Path, line: str) -> None:
    module = tmp_path / "test_it.py"
    module.write_text(line)

    assert not is_marked(module)
