"""JSON, read so strictly that nothing is guessed.

Numbers stay text, objects keep their members in order, and whatever two readers could understand
differently is refused: a key given twice, half of a surrogate pair, bytes that are not UTF-8.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from keepers.model.errors import InputError

WHOLE_INPUT = "input"
"""The name of the document itself in errors."""

DEEPEST = 32
"""Levels of nesting allowed; no planning file has more than five."""

LONGEST_KEY = 80
"""Characters of a key that an error shows."""


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A JSON number as it was written."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The members of a JSON object as they were written, duplicates included."""

    members: list[tuple[str, "JsonValue"]]


JsonValue: TypeAlias = "bool | str | JsonNumber | JsonObject | list[JsonValue] | None"


def parse_document(data: bytes) -> JsonValue:
    """Parse a document and refuse what is ambiguous anywhere in it.

    Raises:
        InputError: Not UTF-8, not JSON, nested too deep, a key given twice in one object, or text
            that is not Unicode.
    """
    try:
        value: JsonValue = json.loads(
            data.decode("utf-8"),
            object_pairs_hook=JsonObject,
            parse_int=JsonNumber,
            parse_float=JsonNumber,
            parse_constant=JsonNumber,
        )
    except UnicodeDecodeError as error:
        raise InputError(WHOLE_INPUT, f"is not UTF-8 at byte {error.start}") from error
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InputError(WHOLE_INPUT, f"is not JSON: {error.msg.lower()} at {where}") from error
    except RecursionError as error:
        raise InputError(WHOLE_INPUT, f"is nested deeper than {DEEPEST} levels") from error
    _check(value)
    return value


def member_path(parent: str, key: str) -> str:
    """The path of a member; the document's own members stand alone."""
    shown = key if len(key) <= LONGEST_KEY else key[:LONGEST_KEY] + "..."
    if not shown.isprintable() or not shown.strip():
        shown = ascii(shown)
    return shown if parent == WHOLE_INPUT else f"{parent}.{shown}"


def item_path(parent: str, index: int) -> str:
    """The path of an item of a list."""
    return f"{parent}[{index}]"


def _check(document: JsonValue) -> None:
    waiting: list[tuple[str, JsonValue, int]] = [(WHOLE_INPUT, document, 1)]
    while waiting:
        path, value, depth = waiting.pop()
        if depth > DEEPEST:
            raise InputError(path, f"is nested deeper than {DEEPEST} levels")
        if isinstance(value, str):
            _check_text(path, value)
        elif isinstance(value, JsonObject):
            _check_keys(path, value)
        inner = [(where, each, depth + 1) for where, each in _children(path, value)]
        waiting.extend(reversed(inner))


def _children(path: str, value: JsonValue) -> Iterator[tuple[str, JsonValue]]:
    if isinstance(value, JsonObject):
        for key, member in value.members:
            yield member_path(path, key), member
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield item_path(path, index), item


def _check_keys(path: str, value: JsonObject) -> None:
    seen: set[str] = set()
    for key, _ in value.members:
        where = member_path(path, key)
        _check_text(where, key)
        if key in seen:
            raise InputError(where, "is given twice")
        seen.add(key)


def _check_text(path: str, text: str) -> None:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise InputError(path, "has half of a surrogate pair, which is not Unicode") from error
