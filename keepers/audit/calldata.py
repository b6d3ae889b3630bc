"""Decoder of calldata by the text of a signature; accepts canonical encodings only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from keepers.audit.signature import SELECTOR_BYTES, Function, Parameter

WORD = 32
DYNAMIC = frozenset({"bytes", "string"})


class BadLayoutError(Exception):
    """The layout is not canonical: a part is at a wrong offset or beyond the end of the data."""


@dataclass(frozen=True, slots=True)
class Part:
    """Parameter, or element of it, with `depth` remaining array dimensions."""

    parameter: Parameter
    depth: int

    @property
    def count(self) -> int | None:
        """Return the number of elements; None if it is in the data."""
        return self.parameter.sizes[self.depth - 1]

    @property
    def element(self) -> Part:
        """Return the part of each element."""
        return Part(self.parameter, self.depth - 1)

    @property
    def members(self) -> tuple[Part, ...]:
        """Return the parts of a tuple."""
        return parts_of(self.parameter.members)

    @property
    def static_size(self) -> int | None:
        """Return its size in the head in bytes; None for a dynamic part."""
        if self.depth:
            count, size = self.count, self.element.static_size
            return None if count is None or size is None else count * size
        if self.parameter.base:
            return None if self.parameter.base in DYNAMIC else WORD
        sizes = [each.static_size for each in self.members]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def parts_of(parameters: Sequence[Parameter]) -> tuple[Part, ...]:
    """Return the parts of an encoding of parameters."""
    return tuple(Part(each, len(each.sizes)) for each in parameters)


def check_layout(parameters: Sequence[Parameter], data: bytes) -> None:
    """Check the layout of an encoding.

    Raises:
        BadLayoutError: It is not canonical, or has more or fewer bytes.
    """
    if _sequence(parts_of(parameters), data, 0) != len(data):
        raise BadLayoutError


def _sequence(parts: Sequence[Part], data: bytes, base: int) -> int:
    """Return the size of consecutive parts at an offset: heads first, then contents."""
    sizes = [each.static_size for each in parts]
    end = sum(WORD if size is None else size for size in sizes)
    head = base
    for part, size in zip(parts, sizes, strict=True):
        if size is None:
            if _word(data, head) != end:
                raise BadLayoutError
            end += _content(part, data, base + end)
        head += WORD if size is None else size
    return end


def _content(part: Part, data: bytes, at: int) -> int:
    """Return the size of the content of a dynamic part."""
    if not part.depth and part.parameter.base:
        length = _word(data, at)
        return WORD + _within(data, at, -(-length // WORD) * WORD)
    if not part.depth:
        return _sequence(part.members, data, at)
    if part.count is not None:
        return _sequence([part.element] * part.count, data, at)
    count, size = _word(data, at), part.element.static_size
    if size is not None:
        return WORD + _within(data, at, count * size)
    _within(data, at, count * WORD)
    return WORD + _sequence([part.element] * count, data, at + WORD)


def _word(data: bytes, at: int) -> int:
    if at + WORD > len(data):
        raise BadLayoutError
    return int.from_bytes(data[at : at + WORD])


def _within(data: bytes, at: int, size: int) -> int:
    """Return a size rounded up to words, if the data is long enough."""
    if at + WORD + size > len(data):
        raise BadLayoutError
    return size


LONGEST = 1 << 17
"""Maximum length of a call in bytes; nodes accept no longer transaction."""

LONGEST_SHOWN = 74


class NotCanonicalError(Exception):
    """The bytes are not a canonical encoding; the text has their location and the types."""


def arguments_of(function: Function, calldata: bytes) -> tuple[Any, ...]:
    """Return the arguments of a call; arrays, tuples and decoded `bytes` are tuples.

    Raises:
        NotCanonicalError: The calldata is not their canonical encoding.
    """
    if len(calldata) > LONGEST:
        raise NotCanonicalError("calldata is too long for a transaction")
    return _members(function.parameters, calldata[SELECTOR_BYTES:], "calldata")


def _members(parameters: Sequence[Parameter], data: bytes, where: str) -> tuple[Any, ...]:
    types = [each.canonical for each in parameters]
    try:
        check_layout(parameters, data)
        values = decode(types, data)
        canonical = encode(types, values) == data
    except (BadLayoutError, DecodingError, EncodingError, ValueError, OverflowError):
        canonical, values = False, ()
    if not canonical:
        problem = f"{where} {shown(data)} is not the canonical encoding of ({','.join(types)})"
        raise NotCanonicalError(problem)
    return tuple(
        _opened(each, len(each.sizes), value, f"{where} {each.name}".strip())
        for each, value in zip(parameters, values, strict=True)
    )


def _opened(parameter: Parameter, depth: int, value: object, where: str) -> object:
    """Return a value in which `bytes` with declared contents are decoded."""
    if depth:
        elements = cast("tuple[object, ...]", value)
        return tuple(_opened(parameter, depth - 1, each, where) for each in elements)
    if parameter.holds:
        return _members(parameter.members, cast("bytes", value), where)
    if parameter.members:
        members = zip(parameter.members, cast("tuple[object, ...]", value), strict=True)
        return tuple(_opened(each, len(each.sizes), inner, where) for each, inner in members)
    return value


def shown(value: object) -> str:
    """Return a value as text of at most one line."""
    text = f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
