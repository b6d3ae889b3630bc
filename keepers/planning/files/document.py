"""Strict JSON parsing.

Numbers stay text and objects keep their members in order. Input that two parsers could read
differently is rejected: duplicate keys, unpaired surrogates, bytes that are not UTF-8.
"""

import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, TypeVar

from keepers.model.errors import InputError, NumberError
from keepers.model.json_document import Json
from keepers.model.money import parse_exact, parse_units

WHOLE_INPUT = "input"
"""Path of the document root in errors."""

DEEPEST = 32
"""Maximum nesting depth; no planning file has more than five levels."""

LONGEST_KEY = 80
"""Maximum number of characters of a key that an error shows."""


@dataclass(frozen=True, slots=True)
class JsonNumber:
    """A JSON number as written in the document."""

    text: str


@dataclass(frozen=True, slots=True)
class JsonObject:
    """The members of a JSON object in document order, duplicates included."""

    members: list[tuple[str, "JsonValue"]]


JsonValue: TypeAlias = "bool | str | JsonNumber | JsonObject | list[JsonValue] | None"


def parse_document(data: bytes) -> JsonValue:
    """Parse a document and reject ambiguous input.

    Raises:
        InputError: The input is not UTF-8, is not JSON, is nested too deep, has a duplicate key in
            an object, or has text that is not valid Unicode.
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
    """Return the path of a member; a member of the root has no prefix."""
    shown = key if len(key) <= LONGEST_KEY else key[:LONGEST_KEY] + "..."
    if not shown.isprintable() or not shown.strip():
        shown = ascii(shown)
    return shown if parent == WHOLE_INPUT else f"{parent}.{shown}"


def item_path(parent: str, index: int) -> str:
    """Return the path of a list item."""
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


T = TypeVar("T")

MOST_DECIMALS = 18
"""Maximum number of decimals of a token in a planning file."""


@dataclass(frozen=True, slots=True)
class DocumentNode:
    """A field; each method reads it as one type or raises `InputError` with its path."""

    path: str
    value: JsonValue

    @classmethod
    def of(cls, data: bytes) -> "DocumentNode":
        """Return the root node of a document."""
        return cls(WHOLE_INPUT, parse_document(data))

    def error(self, problem: str) -> InputError:
        """Return an error for this field."""
        return InputError(self.path, problem)

    def entries(self) -> dict[str, "DocumentNode"]:
        """Return the members of an object whose keys are not fixed, such as asset names."""
        if not isinstance(self.value, JsonObject):
            raise self.error(f"must be an object, not {_kind(self.value)}")
        return {
            key: DocumentNode(member_path(self.path, key), each) for key, each in self.value.members
        }

    def members(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, "DocumentNode"]:
        """Return the members of an object; unknown members are rejected."""
        found = self.entries()
        for key, node in found.items():
            if key not in required and key not in optional:
                raise node.error("is unknown here")
        for key in required:
            if key not in found:
                raise InputError(member_path(self.path, key), "is missing")
        return found

    def items(self) -> list["DocumentNode"]:
        """Return the items of a list."""
        if not isinstance(self.value, list):
            raise self.error(f"must be a list, not {_kind(self.value)}")
        return [
            DocumentNode(item_path(self.path, index), each) for index, each in enumerate(self.value)
        ]

    def text(self) -> str:
        """Return a non-empty string."""
        if not isinstance(self.value, str):
            raise self.error(f"must be a string, not {_kind(self.value)}")
        if not self.value:
            raise self.error("must not be empty")
        return self.value

    def choice(self, options: Mapping[str, T]) -> T:
        """Return the option that the string names."""
        text = self.text()
        if text not in options:
            raise self.error(f"must be one of {', '.join(options)}")
        return options[text]

    def flag(self) -> bool:
        """Return a JSON boolean."""
        if not isinstance(self.value, bool):
            raise self.error(f"must be true or false, not {_kind(self.value)}")
        return self.value

    def decimals(self) -> int:
        """Return token decimals: a JSON integer from 0 to 18, the only JSON number accepted."""
        if isinstance(self.value, JsonNumber):
            for decimals in range(MOST_DECIMALS + 1):
                if self.value.text == str(decimals):
                    return decimals
        raise self.error(f"must be a JSON integer from 0 to {MOST_DECIMALS}")

    def units(self, decimals: int) -> int:
        """Return an amount of whole tokens in base units."""
        try:
            return parse_units(self._numeral(), decimals)
        except NumberError as error:
            raise self.error(error.problem) from error

    def exact(self, *, signed: bool = False) -> Fraction:
        """Return a fraction, a price or basis points; negative only if `signed`."""
        try:
            return parse_exact(self._numeral(), signed=signed)
        except NumberError as error:
            raise self.error(error.problem) from error

    def _numeral(self) -> str:
        if not isinstance(self.value, str):
            raise self.error(f'must be a number in a string, as in "12.5", not {_kind(self.value)}')
        return self.value


def exact_or(node: DocumentNode | None, default: Fraction) -> Fraction:
    """Return the value of an optional member, or its default."""
    return default if node is None else node.exact()


def unless_null(node: DocumentNode | None, read: Callable[[DocumentNode], T]) -> T | None:
    """Return an optional member without a default, or None; the canonical form spells it null."""
    return None if node is None or node.value is None else read(node)


def _kind(value: JsonValue) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case str():
            return "a string"
        case JsonNumber():
            return "a JSON number"
        case JsonObject():
            return "an object"
        case list():
            return "a list"


PLANNED = 0


@dataclass(frozen=True, slots=True)
class PlannerAnswer:
    """One JSON object and the exit status of the command that prints it."""

    document: dict[str, Json]
    exit_status: int = PLANNED
