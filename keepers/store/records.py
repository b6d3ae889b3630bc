"""Mapper between rows and model dataclasses: fields and columns of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Dataclass)


def record(kind: type[R], row: Mapping[Any, Any], **more: Any) -> R:  # noqa: ANN401
    """Return a record with fields from the columns of a row and from `more`.

    Column types convert to model values; a field without a column keeps its default.
    """
    found = {each.name: row[each.name] for each in fields(kind) if each.name in row}
    return kind(**(found | more))


def columns_of(value: Dataclass, *but: str) -> dict[str, Any]:
    """Return the fields of a record as column values, except those named in `but`."""
    names = (each.name for each in fields(value) if each.name not in but)
    return {name: getattr(value, name) for name in names}
