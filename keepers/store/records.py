"""Rows of the database as model dataclasses: fields and columns of the same name."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar

from sqlalchemy import Column, Connection, RowMapping, Select


class Dataclass(Protocol):
    """Any dataclass."""

    __dataclass_fields__: ClassVar[dict[str, Any]]


R = TypeVar("R", bound=Dataclass)


def record(kind: type[R], row: Mapping[Any, Any], **more: Any) -> R:  # noqa: ANN401
    """Return a record with fields from the columns of a row and from `more`.

    Column types convert to model values; a field without a column keeps its default.
    """
    values = dict(row)
    found = {name: values[name] for name in _names(kind) if name in values}
    return kind(**(found | more))


@cache
def _names(kind: type[Dataclass]) -> tuple[str, ...]:
    return tuple(each.name for each in fields(kind))


def rows_among(
    connection: Connection, query: Select[Any], column: Column[Any], values: Collection[object]
) -> Sequence[RowMapping]:
    """Return the rows of a query whose column has one of the values; no query if there are none."""
    if not values:
        return ()
    return connection.execute(query.where(column.in_(values))).mappings().all()


def columns_of(value: Dataclass, *but: str) -> dict[str, Any]:
    """Return the fields of a record as column values, except those named in `but`."""
    names = (each.name for each in fields(value) if each.name not in but)
    return {name: getattr(value, name) for name in names}
