"""Structure of the settings: the tables and values allowed at a path."""

from __future__ import annotations

from types import NoneType, UnionType
from typing import Annotated, Any, TypeAlias, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

KeyPath: TypeAlias = tuple[str | int, ...]
"""Keys and indices that lead to a value."""

Tree: TypeAlias = dict[str, Any]
"""Values by key, as in TOML."""

Kinds: TypeAlias = tuple[object, ...]
"""Types that a value can have; empty if no value is allowed."""


def kinds_of(annotation: object) -> Kinds:
    """Return the types of an annotation, without None and metadata."""
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        options = (each for each in get_args(annotation) if each is not NoneType)
        return tuple(kind for each in options for kind in kinds_of(each))
    if get_origin(annotation) is Annotated:
        return kinds_of(get_args(annotation)[0])
    return (annotation,)


def member_kinds(kinds: Kinds, key: str) -> Kinds:
    """Return the types of a member of a table."""
    annotations: list[object] = []
    for each in kinds:
        if is_table(each) and key in each.model_fields:
            annotations.append(each.model_fields[key].annotation)
        elif get_origin(each) is dict:
            annotations.append(get_args(each)[1])
    return tuple(kind for each in annotations for kind in kinds_of(each))


def kinds_at(kinds: Kinds, path: KeyPath) -> Kinds:
    """Return the types allowed at a path in a table."""
    for key in path:
        kinds = member_kinds(kinds, str(key))
    return kinds


def keys_of(kinds: Kinds) -> set[str]:
    """Return the keys that a table can have; none if any name is allowed."""
    return {key for each in kinds if is_table(each) for key in each.model_fields}


def has_names(kinds: Kinds) -> bool:
    """Return whether any name is allowed as a key."""
    return any(get_origin(each) is dict for each in kinds)


def has_members(kinds: Kinds) -> bool:
    """Return whether the types include a table, rather than only a value or a list."""
    return has_names(kinds) or any(map(is_table, kinds))


def is_table(kind: object) -> TypeGuard[type[BaseModel]]:
    """Return whether a type is a table with known keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
