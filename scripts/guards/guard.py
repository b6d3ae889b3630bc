"""Guards and the change that disables each, from `guards.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ConfigDict

ROOT = Path(__file__).parents[2]
DATA = Path(__file__).with_name("guards.toml")


class Guard(BaseModel):
    """One guard.

    Attributes:
        name: Purpose of the guard.
        file: Path relative to the repository.
        old: Text of the guard, which occurs once in the file.
        new: Text without the guard.
        tests: Test files whose rows require the guard.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]

    def switched_off(self, text: str) -> str:
        """Return the file's text without the guard.

        Raises:
            ValueError: If the guard's text does not occur exactly once.
        """
        if text.count(self.old) != 1:
            raise ValueError(f"{self.file}: {self.old!r} occurs {text.count(self.old)} times")
        return text.replace(self.old, self.new)


class Guards(BaseModel):
    """All guards."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    guards: tuple[Guard, ...]


def read_guards(data: Path = DATA) -> tuple[Guard, ...]:
    """Return all guards.

    Raises:
        pydantic.ValidationError: If a key is unknown or missing.
    """
    return Guards.model_validate(tomllib.loads(data.read_text(encoding="utf-8"))).guards
