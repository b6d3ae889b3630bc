"""The one mapper between rows and the dataclasses of the model: fields and columns of a name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, ClassVar, Protocol, TypeVar


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Dataclass)


def record(kind: type[R], row: Mapping[Any, Any], **more: Any) -> R:  # noqa: ANN401
    """Return a record whose fields are columns of a row, or are given besides.

    Column types give the model's values; a field without a column keeps its default.
    """
    found = {each.name: row[each.name] for each in fields(kind) if each.name in row}
    return kind(**(found | more))


def columns_of(value: Dataclass, *but: str) -> dict[str, Any]:
    """Return the fields of a record as values of the columns of their names."""
    names = (each.name for each in fields(value) if each.name not in but)
    return {name: getattr(value, name) for name in names}
