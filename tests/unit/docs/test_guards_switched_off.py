"""Tests of the isolation matrix's guards: each is in its file, and a row fails without it."""

from __future__ import annotations

from pathlib import Path

import pytest

from scripts.guards.guard import ROOT, Guard, read_guards
from scripts.guards.page import PAGE
from scripts.isolation_matrix.matrix import read_matrix

GUARDS = read_guards()


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_guard__its_text__is_in_its_file_once(guard: Guard) -> None:
    before = (ROOT / guard.file).read_text(encoding="utf-8")
    assert guard.switched_off(before) != before


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_guard__its_tests__exist(guard: Guard) -> None:
    assert [test for test in guard.tests if not (ROOT / test).is_file()] == []


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name)
def test_page__guard__has_a_row_of_the_matrix_that_fails_without_it(guard: Guard) -> None:
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    (line,) = [each for each in lines if each.startswith(f"| {guard.name} | `{guard.file}` |")]
    assert [row for row in read_matrix().rows() if f"`{row}`" in line]


def test_guard__its_text_is_gone__is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="occurs 0 times"):
        GUARDS[0].switched_off(str(tmp_path))
