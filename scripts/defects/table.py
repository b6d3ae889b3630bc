"""Defects, fixtures and their tests, from `defects.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).with_name("defects.toml")


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A row of the table.

    Attributes:
        number: Number in the names of the tests written for it.
        wrong: Error in the document.
        ours: Behaviour of Ballast instead.
        tests: Files below `tests/` and functions, as pytest writes them; a name in brackets is a
            vector.
    """

    number: int
    wrong: str
    ours: str
    tests: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Section:
    """Defects of one kind."""

    title: str
    defects: tuple[Defect, ...]


@dataclass(frozen=True, kw_only=True)
class Fixture:
    """Vault and its correct results; its vectors are in `tests/vectors/tiers`."""

    name: str
    what: str
    vectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """All sections and fixtures."""

    sections: tuple[Section, ...]
    fixtures: tuple[Fixture, ...]

    @property
    def defects(self) -> tuple[Defect, ...]:
        """All defects, in order."""
        return tuple(each for section in self.sections for each in section.defects)


def read_table() -> Table:
    """Return the whole table, in order."""
    data = tomllib.loads(DATA.read_text(encoding="utf-8"))
    sections = tuple(
        Section(
            title=each["title"],
            defects=tuple(Defect(**row | {"tests": tuple(row["tests"])}) for row in each["defect"]),
        )
        for each in data["section"]
    )
    fixtures = tuple(Fixture(**row | {"vectors": tuple(row["vectors"])}) for row in data["fixture"])
    return Table(sections=sections, fixtures=fixtures)
