"""JSON documents: canonical and readable serialisation, and plan ids."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from eth_hash.auto import keccak

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""Value of a document; there are no floats."""

JsonObject: TypeAlias = Mapping[str, Any]
"""Object of a stored document whose fields the reader knows."""


def canonical_json(value: Json) -> str:
    r"""Serialise a value without white space, with object keys sorted by code point.

    Strings are not normalised. Only the quotation mark, the backslash and control characters below
    U+0020 are escaped: as `\b`, `\t`, `\n`, `\f`, `\r` where these exist, else as `\u` and four
    lower-case hexadecimal digits.
    """
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def readable_json(document: Mapping[str, Json]) -> str:
    """Serialise a document for standard output and files: indented, keys in insertion order."""
    return json.dumps(document, ensure_ascii=False, indent=2)


def sorted_canonically(items: Iterable[Json]) -> list[Json]:
    """Return items sorted by their canonical serialisation, for lists without meaningful order."""
    return sorted(items, key=canonical_json)


def plan_id(command: str, document: Json) -> str:
    """Return the plan id: keccak-256 of the command's name, a newline and the canonical input.

    Args:
        command: `inventory`, `tiers` or `weights`.
        document: The input with defaults filled in, numbers normalised, order-free lists sorted.
    """
    return "0x" + keccak(f"{command}\n{canonical_json(document)}".encode()).hex()
