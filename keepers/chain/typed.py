"""What a node answered, as the types that it should have; anything else is its fault."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, cast

from keepers.model.errors.chain import BadAnswerError

HEX = "0x"
UINT256_DIGITS = 64


def as_quantity(value: object, method: str) -> int:
    """A number, as `0x1f`."""
    text = _hex(value)
    if not text or len(text) > UINT256_DIGITS:
        raise _bad(method, value, "a number")
    try:
        return int(text, 16)
    except ValueError:
        raise _bad(method, value, "a number") from None


def as_bytes(value: object, method: str) -> bytes:
    """Bytes, as `0xabcd` or `0x`."""
    text = _hex(value)
    try:
        if text is not None:
            return bytes.fromhex(text)
    except ValueError:
        pass
    raise _bad(method, value, "bytes")


def as_text(value: object, method: str) -> str:
    """A text, as a hash is."""
    if not isinstance(value, str) or not value:
        raise _bad(method, value, "a text")
    return value


def as_object(value: object, method: str) -> Mapping[str, Any]:
    """An object."""
    if not isinstance(value, Mapping):
        raise _bad(method, value, "an object")
    return cast("Mapping[str, Any]", value)


def as_list(value: object, method: str) -> list[Any]:
    """A list."""
    if not isinstance(value, list):
        raise _bad(method, value, "a list")
    return cast("list[Any]", value)


def as_time(value: object, method: str) -> datetime:
    """A moment, in seconds since 1970."""
    seconds = as_quantity(value, method)
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        raise _bad(method, value, "a time") from None


def _hex(value: object) -> str | None:
    if isinstance(value, str) and value.startswith(HEX) and value.isalnum():
        return value.removeprefix(HEX)
    return None


def _bad(method: str, value: object, wanted: str) -> BadAnswerError:
    """Says the kind of what came and not the thing itself, which may be of any size."""
    came = "nothing" if value is None else f"{type(value).__name__} of another form"
    return BadAnswerError(method, f"{came} where {wanted} belongs")
