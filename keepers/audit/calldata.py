"""Calldata read by the text of a signature alone, and only in its one canonical form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError, EncodingError

from keepers.audit.layout import BadLayoutError, check_layout
from keepers.audit.signature import SELECTOR_BYTES, Function, Parameter

LONGEST = 1 << 17
"""Bytes of a call; nodes take no longer transaction."""

LONGEST_SHOWN = 74


class NotCanonicalError(Exception):
    """Bytes are not the encoding of what they should be; the text says which, and how."""


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
    """A value for people, not longer than a line."""
    text = f"0x{value.hex()}" if isinstance(value, bytes) else str(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[:LONGEST_SHOWN]}…"
