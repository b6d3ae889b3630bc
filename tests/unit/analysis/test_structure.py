"""Tests of the structure figures, on a small source tree with known figures."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.analysis.structure import main, measure

PORT = '''"""What a port is."""

from typing import Protocol

from house.rooms import cellar


class Port(Protocol):
    def open(self) -> int: ...


class Door:
    def open(self) -> int:
        return cellar.DEPTH
'''
CELLAR = '''"""Depth of the cellar."""

DEPTH = 1


class Door:
    """Another one of that name."""
'''
COUNT = """

def {name}(values):
    total = 0
    for value in values:
        if value > {least}:
            total += value
    limited = min(total, {least} * 9)
    return {{"{name}": limited}}
"""


@pytest.fixture
def house(tmp_path: Path) -> Path:
    folder = tmp_path / "house"
    for name, text in {
        "__init__.py": "",
        "opening.py": PORT,
        "rooms/__init__.py": "",
        "rooms/cellar.py": CELLAR + COUNT.format(name="count", least=3),
        "rooms/attic.py": "from house import opening\n" + COUNT.format(name="sum_up", least=7),
    }.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text)
    return folder


def test_measure__small_tree__has_its_figures(house: Path) -> None:
    found = measure(house)
    assert (found.files, found.functions, found.largest_function) == (5, 4, 7)
    assert (found.module_docstrings_as_riddles, found.files_named_by_gerunds) == (1, 1)
    assert (found.class_names_twice, found.repeated_pairs) == (1, 1)
    assert found.repeated_pairs_of_statements == 1
    assert (found.protocols, found.protocols_with_one_implementation) == (1, 1)
    assert (found.circles_of_modules, found.circles_of_packages) == (0, 1)


def test_measure__only_fields_are_alike__is_no_pair_of_statements(house: Path) -> None:
    fields = "class {name}:\n" + "".join(f"    {each}: int = 0\n" for each in "abcdefg")
    (house / "rooms" / "attic.py").write_text(fields.format(name="Bed"))
    (house / "rooms" / "cellar.py").write_text(fields.format(name="Shelf"))
    found = measure(house)
    assert (found.repeated_pairs, found.repeated_pairs_of_statements) == (1, 0)


def test_measure__modules_import_each_other__is_a_circle(house: Path) -> None:
    (house / "rooms" / "cellar.py").write_text("from house.opening import Door\n")
    assert measure(house).circles_of_modules == 1


def test_command__as_json__has_all_figures(house: Path) -> None:
    done = CliRunner().invoke(main, ["--folder", str(house), "--json"], catch_exceptions=False)
    assert json.loads(done.output)["files"] == 5


def test_command__list__prints_the_places_of_a_figure(house: Path) -> None:
    arguments = ["--folder", str(house), "--list", "class_names_twice"]
    done = CliRunner().invoke(main, arguments, catch_exceptions=False)
    assert done.output == "Door: house.opening, house.rooms.cellar\n"


def test_command__list_of_a_figure_without_places__is_refused(house: Path) -> None:
    done = CliRunner().invoke(main, ["--folder", str(house), "--list", "lines"])
    assert done.exit_code == 2
    assert "only these figures have places" in done.output
