"""Metadata, constraint names, and conditions shared by the tables."""

from collections.abc import Iterable
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, MetaData, text

NAMES = {
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""Naming convention of constraints; errors and migrations refer to them by name."""

metadata = MetaData(naming_convention=NAMES)


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """Return the condition that a column has one of the given values."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


def states(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the constraint that a column has a value of an enumeration."""
    return CheckConstraint(one_of(column, values), name=column)


def unique_where(name: str, columns: Iterable[str], condition: str) -> Index:
    """Return a unique index over the rows that meet a condition."""
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)
