"""The defects, the fixtures and their tests, from `defects.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).with_name("defects.toml")


@dataclass(frozen=True, kw_only=True)
class Defect:
    """A row of the table.

    Attributes:
        number: By which tests are named that were written for it.
        wrong: What was wrong in the document.
        ours: What ours does instead.
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
    """A vault and what is right for it; its vectors are in `tests/vectors/tiers`."""

    name: str
    what: str
    vectors: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Table:
    """All of it."""

    sections: tuple[Section, ...]
    fixtures: tuple[Fixture, ...]

    @property
    def defects(self) -> tuple[Defect, ...]:
        """The rows, in their order."""
        return tuple(each for section in self.sections for each in section.defects)


def read_table() -> Table:
    """The whole table, in its order."""
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
