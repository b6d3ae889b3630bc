"""Metadata, names of constraints, and conditions shared by the tables."""

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
"""Every constraint has a name, since errors and migrations speak of them by name."""

metadata = MetaData(naming_convention=NAMES)


def one_of(column: str, values: Iterable[StrEnum]) -> str:
    """Return the condition that a column holds one of these."""
    quoted = ", ".join(f"'{value}'" for value in values)
    return f"{column} IN ({quoted})"


def states(column: str, values: type[StrEnum]) -> CheckConstraint:
    """Return the rule that a column holds a state of its kind."""
    return CheckConstraint(one_of(column, values), name=column)


def unique_where(name: str, columns: Iterable[str], condition: str) -> Index:
    """Return the rule that among the rows that meet a condition no two are alike."""
    where = text(condition)
    return Index(name, *columns, unique=True, sqlite_where=where, postgresql_where=where)
