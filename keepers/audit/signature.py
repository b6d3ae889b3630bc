"""Function signatures in policies, with parameter names and the contents of `bytes`.

Example: `purchaseAsset(address token, uint256 amount, bytes<uint256 deadline, bytes path>)`.
`bytes<>` is empty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eth_utils.crypto import keccak

from keepers.model.errors.signing import PolicyError

SELECTOR_BYTES = 4
DEEPEST = 16

_TOKEN = re.compile(r"\s*([A-Za-z_$][\w$]*|\[\d*\]|[(),<>])")
_WORD = re.compile(r"[A-Za-z_$][\w$]*")
_SIZES = "|".join(str(bits) for bits in range(8, 257, 8))
_ELEMENTARY = re.compile(rf"address|bool|string|u?int({_SIZES})|bytes([1-9]|[12]\d|3[0-2])?")
_LOCATIONS = frozenset({"calldata", "memory", "storage"})
_ALIASES = {"uint": "uint256", "int": "int256"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """Parameter of a function, or member of a tuple.

    Attributes:
        base: The elementary type; empty for a tuple.
        name: Its name, which may be empty.
        members: Members of a tuple, or of the encoding in `bytes`.
        holds: Whether `bytes` must be the encoding of `members`.
        sizes: Size of each array dimension in text order; None for a dynamic one.
    """

    base: str
    name: str = ""
    members: tuple[Parameter, ...] = ()
    holds: bool = False
    sizes: tuple[int | None, ...] = ()

    @property
    def canonical(self) -> str:
        """Return the canonical type, from which selectors are computed."""
        inner = ",".join(each.canonical for each in self.members)
        arrays = "".join("[]" if size is None else f"[{size}]" for size in self.sizes)
        return f"{self.base or f'({inner})'}{arrays}"


@dataclass(frozen=True, slots=True)
class Function:
    """Function with its parameters."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def canonical(self) -> str:
        """Return name and types, without parameter names."""
        return f"{self.name}({','.join(each.canonical for each in self.parameters)})"

    @property
    def selector(self) -> bytes:
        """Return the selector, the first four bytes of each call."""
        return keccak(text=self.canonical)[:SELECTOR_BYTES]

    @classmethod
    def read(cls, text: str) -> Function:
        """Parse a signature; uint and int have 256 bits.

        Raises:
            PolicyError: The text is not a signature, or has a type that cannot be audited.
        """
        parser = _Parser(text)
        name = parser.word("a function's name")
        parser.take("(")
        function = cls(name, tuple(parser.parameters(")")))
        parser.end()
        return function


class _Parser:
    """Parser of a signature, from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = _tokens(text)
        self._depth = 0

    def word(self, what: str) -> str:
        token = self._tokens.pop(0)
        if not _WORD.fullmatch(token):
            raise self._wrong(f"{what} is missing")
        return token

    def take(self, wanted: str) -> None:
        if self._tokens.pop(0) != wanted:
            raise self._wrong(f"{wanted} is missing")

    def end(self) -> None:
        if self._tokens != [""]:
            raise self._wrong("there is text after it")

    def parameters(self, closing: str) -> Iterator[Parameter]:
        """Parse parameters up to the closing bracket."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._wrong("it is nested too deeply")
        while self._tokens[0] != closing:
            yield self._parameter()
            if self._tokens[0] == closing:
                break
            self.take(",")
            if self._tokens[0] == closing:
                raise self._wrong("a parameter is missing")
        self.take(closing)
        self._depth -= 1

    def _parameter(self) -> Parameter:
        made = replace(self._plain(), sizes=tuple(self._sizes()))
        if self._tokens[0] in _LOCATIONS:
            self._tokens.pop(0)
        name = self._tokens.pop(0) if _WORD.fullmatch(self._tokens[0]) else ""
        return replace(made, name=name)

    def _plain(self) -> Parameter:
        if self._tokens[0] == "tuple":
            self._tokens.pop(0)
        if self._tokens[0] == "(":
            self._tokens.pop(0)
            members = tuple(self.parameters(")"))
            if not members:
                raise self._wrong("a tuple is empty")
            return Parameter(base="", members=members)
        word = self.word("a type")
        base = _ALIASES.get(word, word)
        if not _ELEMENTARY.fullmatch(base):
            raise self._wrong(f"{base} is not a type that can be audited")
        if base != "bytes" or self._tokens[0] != "<":
            return Parameter(base=base)
        self._tokens.pop(0)
        return Parameter(base=base, members=tuple(self.parameters(">")), holds=True)

    def _sizes(self) -> Iterator[int | None]:
        while self._tokens[0].startswith("["):
            size = self._tokens.pop(0)[1:-1]
            if size and int(size) == 0:
                raise self._wrong("an array has no elements")
            yield int(size) if size else None

    def _wrong(self, problem: str) -> PolicyError:
        return PolicyError(f"function {self._text!a}", problem)


def _tokens(text: str) -> list[str]:
    """Return the tokens of a text, with an empty one at the end."""
    found: list[str] = []
    start, end = 0, len(text.rstrip())
    while start < end:
        token = _TOKEN.match(text, start)
        if token is None:
            raise PolicyError(f"function {text!a}", f"character {start + 1} is not allowed there")
        found.append(token[1])
        start = token.end()
    return [*found, ""]
