"""Tables within tables: what stands at a path of a section, and how a variable names it."""

from __future__ import annotations

from collections.abc import Sequence
from types import NoneType, UnionType
from typing import Annotated, TypeGuard, Union, get_args, get_origin

from pydantic import BaseModel

from keepers.config.layer import Layer, Path
from keepers.config.names import as_variable


def kind_at(kind: object, path: Path) -> object:
    """The type of what stands at a path in a table; None if nothing can."""
    for key in path:
        if is_table(kind):
            field = kind.model_fields.get(str(key))
            kind = None if field is None else required(field.annotation)
        elif get_origin(kind) is dict:
            kind = required(get_args(kind)[1])
        else:
            return None
    return kind


def keys_at(kind: object, path: Path) -> set[str]:
    """The keys that the table at a path can have; none where any name may stand."""
    found = kind_at(kind, path)
    return set(found.model_fields) if is_table(found) else set()


def path_of(
    kind: type[BaseModel], parts: Sequence[str], file: Layer, section: str
) -> tuple[str, ...]:
    """The path that the parts of a variable's name lead to, as the file spells it.

    Args:
        kind: Of the section.
        parts: In capital letters; names have underscores for what a variable cannot have.
        file: Whose names are known.
        section: The section.
    """
    found = (section,)
    for part in parts:
        here = kind_at(kind, found[1:])
        known = (*keys_at(kind, found[1:]), *file.names(*found))
        same = next((each for each in known if as_variable(each) == part), None)
        is_asset = get_origin(here) is dict and not is_table(kind_at(here, ("",)))
        found = (*found, same or (part if is_asset else part.lower()))
    return found


def is_leaf(kind: object) -> bool:
    """Whether it is a single value or a list, and not a table."""
    return kind is not None and not is_table(kind) and get_origin(kind) is not dict


def required(annotation: object) -> object:
    """What a value is if it is there: `int` of `int | None`, also where that is annotated."""
    if isinstance(annotation, UnionType) or get_origin(annotation) is Union:
        inner = [each for each in get_args(annotation) if each is not NoneType]
        return required(inner[0])
    return required(get_args(annotation)[0]) if get_origin(annotation) is Annotated else annotation


def is_table(kind: object) -> TypeGuard[type[BaseModel]]:
    """Whether it is a table with known keys."""
    return isinstance(kind, type) and issubclass(kind, BaseModel)
