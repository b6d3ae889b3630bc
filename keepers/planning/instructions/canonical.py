"""Canonical spelling of an instruction, and its key."""

from __future__ import annotations

import json

from keepers.model.errors import InputError
from keepers.model.json_document import canonical_json, plan_id

LONGEST_KEY = 128
"""Characters of a key."""


def canonical_body(text: str) -> str:
    """The same JSON without white space, its members in order; a text that is none as it is."""
    try:
        return canonical_json(json.loads(text))
    except (ValueError, RecursionError):
        return text


def key_of(text: str) -> str:
    """The key of an instruction that comes without one: equal instructions have the same."""
    return plan_id("instruction", canonical_body(text))


def checked_key(key: str, field: str) -> str:
    """A key that can be stored and shown.

    Args:
        key: As it came.
        field: What errors call it.

    Raises:
        InputError: It is empty, too long, or has characters that cannot be printed.
    """
    if not 0 < len(key) <= LONGEST_KEY:
        raise InputError(field, f"must have 1 to {LONGEST_KEY} characters")
    if not (key.isascii() and key.isprintable()):
        raise InputError(field, "must be of printable ASCII characters")
    return key
