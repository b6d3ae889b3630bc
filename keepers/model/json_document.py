"""JSON documents: their canonical and their readable spelling, and the id of a plan."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from eth_hash.auto import keccak

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""Value of a document; there are no floats."""

JsonObject: TypeAlias = Mapping[str, Any]
"""Object of a document that was stored, of which a reader knows the fields."""


def canonical_json(value: Json) -> str:
    r"""Spell a value without white space, with the keys of objects by code point.

    Strings stand as they are, not normalised. Escaped are the quotation mark, the backslash and the
    control characters below U+0020 alone: as `\b`, `\t`, `\n`, `\f`, `\r` where these exist,
    else as `\u` and four lower-case hexadecimal digits.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def readable_json(document: Mapping[str, Json]) -> str:
    """Spell a document for standard output and files: indented, its keys in their order."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def sorted_canonically(items: Iterable[Json]) -> list[Json]:
    """A list whose order carries no meaning, in the order of its items' canonical spelling."""
    return sorted(items, key=canonical_json)


def plan_id(command: str, document: Json) -> str:
    """The id of a plan: keccak-256 of the command's name, a newline and the canonical input.

    Args:
        command: `inventory`, `tiers` or `weights`.
        document: The input with defaults filled in, numbers normalised, order-free lists sorted.
    """
    return "0x" + keccak(f"{command}\n{canonical_json(document)}".encode()).hex()
