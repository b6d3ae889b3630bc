"""A value of a document together with its path, read the one way that its field allows."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from keepers.model.errors import InputError, NumberError
from keepers.model.numerals import parse_exact, parse_units
from keepers.planning.files.document import (
    WHOLE_INPUT,
    JsonNumber,
    JsonObject,
    JsonValue,
    item_path,
    member_path,
    parse_document,
)

T = TypeVar("T")

MOST_DECIMALS = 18
"""The most decimals that a token in a planning file has."""


@dataclass(frozen=True, slots=True)
class Node:
    """A field; each method reads it as one type, or raises `InputError` with its path."""

    path: str
    value: JsonValue

    @classmethod
    def of(cls, data: bytes) -> "Node":
        """The root of a document."""
        return cls(WHOLE_INPUT, parse_document(data))

    def error(self, problem: str) -> InputError:
        """The error that says what is wrong with this field."""
        return InputError(self.path, problem)

    def entries(self) -> dict[str, "Node"]:
        """An object whose keys are free, as names of assets are."""
        if not isinstance(self.value, JsonObject):
            raise self.error(f"must be an object, not {_kind(self.value)}")
        return {key: Node(member_path(self.path, key), each) for key, each in self.value.members}

    def members(
        self, required: Collection[str], optional: Collection[str] = ()
    ) -> dict[str, "Node"]:
        """An object with these members and no others; optional ones may be absent."""
        found = self.entries()
        for key, node in found.items():
            if key not in required and key not in optional:
                raise node.error("is unknown here")
        for key in required:
            if key not in found:
                raise InputError(member_path(self.path, key), "is missing")
        return found

    def items(self) -> list["Node"]:
        """A list."""
        if not isinstance(self.value, list):
            raise self.error(f"must be a list, not {_kind(self.value)}")
        return [Node(item_path(self.path, index), each) for index, each in enumerate(self.value)]

    def text(self) -> str:
        """A string that is not empty."""
        if not isinstance(self.value, str):
            raise self.error(f"must be a string, not {_kind(self.value)}")
        if not self.value:
            raise self.error("must not be empty")
        return self.value

    def choice(self, options: Mapping[str, T]) -> T:
        """One of a few strings, turned into what it stands for."""
        text = self.text()
        if text not in options:
            raise self.error(f"must be one of {', '.join(options)}")
        return options[text]

    def flag(self) -> bool:
        """A JSON true or false."""
        if not isinstance(self.value, bool):
            raise self.error(f"must be true or false, not {_kind(self.value)}")
        return self.value

    def decimals(self) -> int:
        """Decimals of a token: a JSON integer from 0 to 18, the only JSON number there is."""
        if isinstance(self.value, JsonNumber):
            for decimals in range(MOST_DECIMALS + 1):
                if self.value.text == str(decimals):
                    return decimals
        raise self.error(f"must be a JSON integer from 0 to {MOST_DECIMALS}")

    def units(self, decimals: int) -> int:
        """An amount in whole tokens, turned into base units."""
        try:
            return parse_units(self._numeral(), decimals)
        except NumberError as error:
            raise self.error(error.problem) from error

    def exact(self, *, signed: bool = False) -> Fraction:
        """A fraction, a price or basis points; negative only where a sign is allowed."""
        try:
            return parse_exact(self._numeral(), signed=signed)
        except NumberError as error:
            raise self.error(error.problem) from error

    def _numeral(self) -> str:
        if not isinstance(self.value, str):
            raise self.error(f'must be a number in a string, as in "12.5", not {_kind(self.value)}')
        return self.value


def exact_or(node: Node | None, default: Fraction) -> Fraction:
    """An optional member that has a default."""
    return default if node is None else node.exact()


def unless_null(node: Node | None, read: Callable[[Node], T]) -> T | None:
    """An optional member that has no default; null is how the canonical form spells that."""
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
