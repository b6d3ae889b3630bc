"""Tests of JSON documents at their limits."""

from __future__ import annotations

import json

import pytest

from keepers.model.errors import InputError
from keepers.planning.files.document import (
    DEEPEST,
    LONGEST_KEY,
    DocumentNode,
    JsonNumber,
    member_path,
    parse_document,
)


@pytest.mark.parametrize(("depth", "is_taken"), [(DEEPEST, True), (DEEPEST + 1, False)])
def test_parse_document__nesting__up_to_the_deepest(depth: int, is_taken: bool) -> None:
    # The number inside the lists is one more level.
    data = ("[" * (depth - 1) + "1" + "]" * (depth - 1)).encode()
    if is_taken:
        parse_document(data)
    else:
        with pytest.raises(InputError, match=f"is nested deeper than {DEEPEST} levels"):
            parse_document(data)


def test_member_path__long_key__is_cut_after_its_longest() -> None:
    assert member_path("a", "k" * LONGEST_KEY) == "a." + "k" * LONGEST_KEY
    assert member_path("a", "k" * (LONGEST_KEY + 1)) == "a." + "k" * LONGEST_KEY + "..."
    assert member_path("input", "key") == "key"
    assert (member_path("a", " "), member_path("a", "\n")) == ("a.' '", "a.'\\n'")


@pytest.mark.parametrize("decimals", range(19))
def test_decimals__json_integers__from_0_to_18(decimals: int) -> None:
    assert DocumentNode("d", JsonNumber(str(decimals))).decimals() == decimals


@pytest.mark.parametrize("text", ["19", "-1", "1.0", "01", "1e1"])
def test_decimals__anything_else__is_refused(text: str) -> None:
    with pytest.raises(InputError, match="must be a JSON integer from 0 to 18"):
        DocumentNode("d", JsonNumber(text)).decimals()


def test_exact__sign__only_where_it_is_allowed() -> None:
    node = DocumentNode("d", "-1.5")
    assert float(node.exact(signed=True)) == -1.5
    with pytest.raises(InputError):
        node.exact()


def test_document__key_given_twice__is_refused_at_any_depth() -> None:
    with pytest.raises(InputError, match=r"a\.b: is given twice"):
        parse_document(b'{"a": {"b": 1, "b": 2}}')
    assert parse_document(json.dumps([1, "x", None, True]).encode()) == [
        JsonNumber("1"),
        "x",
        None,
        True,
    ]
