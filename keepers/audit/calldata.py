"""Decoder of calldata by the text of a signature alone, in canonical form only."""

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
    """A part does not begin where it should, or ends beyond the data."""


@dataclass(frozen=True, slots=True)
class Part:
    """A parameter, or an element of it: with as many array dimensions as `depth` left."""

    parameter: Parameter
    depth: int

    @property
    def count(self) -> int | None:
        """Number of elements; None if the data has it."""
        return self.parameter.sizes[self.depth - 1]

    @property
    def element(self) -> Part:
        """The part that each element is."""
        return Part(self.parameter, self.depth - 1)

    @property
    def members(self) -> tuple[Part, ...]:
        """The parts of a tuple."""
        return parts_of(self.parameter.members)

    @property
    def static_size(self) -> int | None:
        """Bytes that it takes in place; None if its size varies and an offset stands there."""
        if self.depth:
            count, size = self.count, self.element.static_size
            return None if count is None or size is None else count * size
        if self.parameter.base:
            return None if self.parameter.base in DYNAMIC else WORD
        sizes = [each.static_size for each in self.members]
        return None if None in sizes else sum(size for size in sizes if size is not None)


def parts_of(parameters: Sequence[Parameter]) -> tuple[Part, ...]:
    """The parts of an encoding of these."""
    return tuple(Part(each, len(each.sizes)) for each in parameters)


def check_layout(parameters: Sequence[Parameter], data: bytes) -> None:
    """Walk an encoding.

    Raises:
        BadLayoutError: It is not laid out in the canonical way, or has more or fewer bytes.
    """
    if _sequence(parts_of(parameters), data, 0) != len(data):
        raise BadLayoutError


def _sequence(parts: Sequence[Part], data: bytes, base: int) -> int:
    """The bytes that some parts take which begin at a place: first their heads, then the rest."""
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
    """The bytes that a part of varying size takes where its offset leads."""
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
    """A size behind a word, if the data is that long."""
    if at + WORD + size > len(data):
        raise BadLayoutError
    return size


LONGEST = 1 << 17
"""Bytes of a call; nodes take no longer transaction."""

LONGEST_SHOWN = 74


class NotCanonicalError(Exception):
    """Bytes that are not a canonical encoding; the text has their place and the types."""


def arguments_of(function: Function, calldata: bytes) -> tuple[Any, ...]:
    """The arguments of a call: arrays, tuples and contents of `bytes` are tuples.

    Raises:
        NotCanonicalError: They are not its encoding, in which nothing is left over.
    """
    if len(calldata) > LONGEST:
        raise NotCanonicalError("calldata is longer than any transaction")
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
        problem = f"{where} {shown(data)} is no canonical encoding of ({','.join(types)})"
        raise NotCanonicalError(problem)
    return tuple(
        _opened(each, len(each.sizes), value, f"{where} {each.name}".strip())
        for each, value in zip(parameters, values, strict=True)
    )


def _opened(parameter: Parameter, depth: int, value: object, where: str) -> object:
    """A value with `bytes` that hold something replaced by what they hold."""
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
