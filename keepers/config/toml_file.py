"""A TOML file read with exact numbers, and the line of each of its keys."""

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path as File
from typing import Any, cast

from keepers.config.errors import ConfigError, Problem
from keepers.config.structure import KeyPath, Tree

_LINE = re.compile(r"\(at line (\d+), column \d+\)")


@dataclass(frozen=True, slots=True)
class TomlFile:
    """Values of a file, and the line on which each of them starts."""

    file: File
    values: Tree
    lines: Mapping[KeyPath, int]


def read_toml(file: File) -> TomlFile:
    """Read a configuration file.

    Raises:
        ConfigError: The file is missing, or is not TOML.
    """
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text, parse_float=Decimal)
    except FileNotFoundError as error:
        raise _unusable(file, "does not exist", "`ballast config init` writes one") from error
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise _unusable(file, problem, "give the path of a readable file") from error
    except UnicodeDecodeError as error:
        raise _unusable(file, "is not UTF-8", "save it as UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise _not_toml(file, str(error)) from error
    return TomlFile(file, values, dict(_lines(text)))


def _not_toml(file: File, message: str) -> ConfigError:
    found = _LINE.search(message)
    reason = _LINE.sub("", message).strip()
    line = int(found[1]) if found else None
    return _unusable(file, f"is not TOML: {reason}", "correct this line", line=line)


def _unusable(file: File, problem: str, advice: str, line: int | None = None) -> ConfigError:
    return ConfigError([Problem(file=file, line=line, key="", problem=problem, advice=advice)])


def _lines(text: str) -> Iterator[tuple[KeyPath, int]]:
    """Yield each key of a valid document, with the first line of its statement."""
    table: KeyPath = ()
    for line, statement in _statements(text):
        keys = list(_keys(tomllib.loads(statement)))
        if statement.lstrip().startswith("["):
            table = keys[-1]
            yield table, line
        else:
            yield from (((*table, *key), line) for key in keys)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    """Yield headers and assignments with their first lines; each is the shortest valid TOML."""
    pending, begin = "", 1
    for number, line in enumerate(text.splitlines(keepends=True), start=1):
        begin = number if not pending else begin
        pending += line
        try:
            tomllib.loads(pending)
        except tomllib.TOMLDecodeError:
            continue
        yield begin, pending
        pending = ""


def _keys(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:  # noqa: ANN401 - any TOML value
    if path:
        yield path
    if isinstance(value, dict):
        for key, inner in cast("Tree", value).items():
            yield from _keys(inner, (*path, key))
