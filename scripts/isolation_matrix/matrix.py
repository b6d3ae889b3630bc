"""Components, their kinds of failure, and the tests of each, from `matrix.toml`."""

from __future__ import annotations

import tomllib
from enum import StrEnum
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("matrix.toml")


class Failure(StrEnum):
    """Way in which a component can be broken."""

    REVERTS = "REVERTS"
    BURNS_GAS = "BURNS_GAS"
    RETURNS_NOTHING = "RETURNS_NOTHING"
    GARBAGE = "GARBAGE"
    MEGABYTE = "MEGABYTE"
    ZERO = "ZERO"
    UNIT_LESS = "UNIT_LESS"
    UNIT_MORE = "UNIT_MORE"
    STALE = "STALE"
    PAUSED = "PAUSED"
    DENIED = "DENIED"
    SILENT = "SILENT"
    SLOW = "SLOW"


MEANING = {
    Failure.REVERTS: "each call reverts or returns an error",
    Failure.BURNS_GAS: "each call uses up all gas that it is given",
    Failure.RETURNS_NOTHING: "calls succeed with an empty response",
    Failure.GARBAGE: "responses cannot be decoded, or contradict each other",
    Failure.MEGABYTE: "responses are a megabyte or more",
    Failure.ZERO: "amounts and rates are 0, or money has run out",
    Failure.UNIT_LESS: "amounts are one base unit lower than promised",
    Failure.UNIT_MORE: "amounts are one base unit higher than promised",
    Failure.STALE: "responses are old",
    Failure.PAUSED: "the component is paused, closed or locked",
    Failure.DENIED: "it refuses the account: denied, removed, or limit used up",
    Failure.SILENT: "it accepts the request and never responds",
    Failure.SLOW: "it responds too late",
}


class Component(BaseModel):
    """Kind of component that can be broken.

    Attributes:
        name: Common name.
        covers: Source files of this kind, as paths or globs relative to the repository.
        stops: Effects while it is broken.
        goes_on: Work that continues.
        rows: Rows by kind of failure: ids of a table, or `file::test`.
        excluded: Ways in which it cannot be broken, with the reason.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    covers: tuple[str, ...]
    stops: str
    goes_on: str
    rows: dict[Failure, tuple[str, ...]]
    excluded: dict[Failure, str] = {}


class Matrix(BaseModel):
    """All components.

    Attributes:
        tables: Files with rows that have ids, by the prefix of these ids.
        components: Every kind of component, by a short key.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    tables: dict[str, str]
    components: dict[str, Component]

    def rows(self) -> list[str]:
        """Return all rows, in order."""
        return [
            row
            for component in self.components.values()
            for rows in component.rows.values()
            for row in rows
        ]

    def file_of(self, row: str) -> str:
        """Return the file that has a row's test or its entry in a table.

        Raises:
            KeyError: No table has rows of that kind.
        """
        if "::" in row:
            return row.partition("::")[0]
        prefixes = [each for each in self.tables if row.startswith(each)]
        return self.tables[max(prefixes, key=len, default=row)]


def read_matrix(data: Path = DATA) -> Matrix:
    """Return all components.

    Raises:
        pydantic.ValidationError: If a key is unknown or missing.
    """
    return Matrix.model_validate(tomllib.loads(data.read_text(encoding="utf-8")))
