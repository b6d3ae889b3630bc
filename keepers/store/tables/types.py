"""Lossless column types that convert to model values.

Integers of 256 bits, times with their zone, members of enumerations, JSON, and frozen dataclasses
as JSON.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, TypeVar

from pydantic import TypeAdapter
from sqlalchemy import Enum, String, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator

from keepers.model.errors.run import StoreUnavailableError
from keepers.model.money import UINT256_MAX

T = TypeVar("T")


class UInt256(TypeDecorator[int]):
    """Amount as a decimal string; database integers are not wide enough."""

    impl = String(78)
    cache_ok = True

    def process_bind_param(self, value: int | None, dialect: Dialect) -> str | None:
        """Convert to the database value; an amount that does not fit is an internal error."""
        del dialect
        if value is not None and not 0 <= value <= UINT256_MAX:
            raise ValueError("an amount is negative or does not fit into 256 bits")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> int | None:
        """Convert from the database value."""
        del dialect
        return None if value is None else _read(int, value)


class UtcTime(TypeDecorator[datetime]):
    """Time as ISO 8601 in UTC, always with microseconds, so that text order is time order."""

    impl = String(32)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """Convert to the database value; reject a time without time zone."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time has no zone")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Convert from the database value."""
        del dialect
        return None if value is None else _read(datetime.fromisoformat, value)


class GivenTime(UtcTime):
    """Time in a row written by other programs: None if invalid, UTC if without time zone."""

    cache_ok = True

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Convert from the database value."""
        del dialect
        try:
            found = None if value is None else datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return None
        return found if found is None or found.tzinfo else found.replace(tzinfo=UTC)


class GivenText(TypeDecorator[str]):
    """Text in a row written by other programs; SQLite may return bytes."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Convert from the database value."""
        del dialect
        return value.decode(errors="replace") if isinstance(value, bytes) else value


class JsonText(TypeDecorator[Any]):
    """JSON with sorted keys and without non-finite numbers."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401
        """Convert to the database value."""
        del dialect
        return json.dumps(value, sort_keys=True, ensure_ascii=False, allow_nan=False)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Convert from the database value."""
        del dialect
        return None if value is None else _read(json.loads, value)


class JsonOf(TypeDecorator[Any]):
    """Value of a type as JSON: a frozen dataclass, or tuples. Bytes of dataclasses are hex."""

    impl = Text
    cache_ok = True

    def __init__(self, kind: Any) -> None:  # noqa: ANN401 - unions are no types to pyright
        super().__init__()
        self.kind = kind

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self.kind)

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:  # noqa: ANN401
        """Convert to the database value."""
        del dialect
        return None if value is None else self._adapter.dump_json(value).decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:  # noqa: ANN401
        """Convert from the database value."""
        del dialect
        return None if value is None else _read(self._adapter.validate_json, value)


class HexBytes(TypeDecorator[bytes]):
    """Bytes as hexadecimal text; NULL is empty."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> str | None:
        """Convert to the database value."""
        del dialect
        return None if value is None else value.hex()

    def process_result_value(self, value: str | None, dialect: Dialect) -> bytes:
        """Convert from the database value."""
        del dialect
        return _read(bytes.fromhex, value or "")


def member_of(values: type[StrEnum], length: int = 16) -> Enum:
    """Return a column type for members of an enumeration, stored by value."""
    return Enum(values, native_enum=False, length=length, values_callable=_values)


def _values(members: type[StrEnum]) -> list[str]:
    return [each.value for each in members]


def _read(read: Callable[[str], T], text: str) -> T:
    try:
        return read(text)
    except (ValueError, RecursionError) as error:
        raise StoreUnavailableError(
            "it contains a value that Ballast did not write; restore a copy"
        ) from error
