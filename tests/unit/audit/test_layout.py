"""Tests of the ABI layout: only eth-abi's is accepted; hostile data is refused quickly."""

from __future__ import annotations

import time
from typing import Any

import pytest
from eth_abi.abi import encode
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.calldata import BadLayoutError, NotCanonicalError, arguments_of, check_layout
from keepers.audit.signature import Function

Typed = tuple[str, st.SearchStrategy[Any]]

ELEMENTARY: list[Typed] = [
    ("uint256", st.integers(0, 2**256 - 1)),
    ("int8", st.integers(-128, 127)),
    ("address", st.binary(min_size=20, max_size=20).map(lambda data: f"0x{data.hex()}")),
    ("bool", st.booleans()),
    ("bytes", st.binary(max_size=70)),
    ("bytes3", st.binary(min_size=3, max_size=3)),
    ("string", st.text(max_size=40)),
]


def arrays(of: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    """Wrap types in dynamic arrays, fixed arrays and tuples."""
    opened = of.map(lambda each: (f"{each[0]}[]", st.lists(each[1], max_size=3).map(tuple)))
    fixed = of.map(
        lambda each: (f"{each[0]}[2]", st.lists(each[1], min_size=2, max_size=2).map(tuple))
    )
    tuples = st.lists(of, min_size=1, max_size=3).map(
        lambda each: (
            f"({','.join(name for name, _ in each)})",
            st.tuples(*(values for _, values in each)),
        )
    )
    return opened | fixed | tuples


types = st.recursive(st.sampled_from(ELEMENTARY), arrays, max_leaves=6)


@given(st.lists(types, max_size=3), st.data())
def test_arguments__any_types_and_values__come_out_as_they_went_in(
    typed: list[Typed], data: st.DataObject
) -> None:
    function = Function.read(f"f({','.join(name for name, _ in typed)})")
    values = tuple(data.draw(strategy) for _, strategy in typed)
    encoded = encode([name for name, _ in typed], values)
    check_layout(function.parameters, encoded)
    assert arguments_of(function, function.selector + encoded) == values
    for altered in (encoded + bytes(32), encoded[:-32], encoded[:-1]):
        if altered != encoded:
            with pytest.raises(BadLayoutError):
                check_layout(function.parameters, altered)


@given(st.lists(types, max_size=3), st.binary(max_size=300))
def test_arguments__any_bytes__are_canonical_or_refused(typed: list[Typed], data: bytes) -> None:
    names = [name for name, _ in typed]
    function = Function.read(f"f({','.join(names)})")
    try:
        values = arguments_of(function, function.selector + data)
    except NotCanonicalError:
        return
    assert encode(names, values) == data


def word(number: int) -> bytes:
    return number.to_bytes(32)


def test_layout__offsets_that_all_lead_to_one_place__are_refused_at_once() -> None:
    """eth-abi alone needs hours to decode this, and 14 s with 80 elements instead of 1,000."""
    count = 1_000
    shared = word(count) + word(0) * count
    for _ in range(2):
        shared = word(count) + word(count * 32) * count + shared
    function = Function.read("f(uint256[][][] deep)")
    began = time.monotonic()
    with pytest.raises(NotCanonicalError):
        arguments_of(function, function.selector + word(32) + shared)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize("length", [2**256 - 1, 2**255, 2**64, 5])
@pytest.mark.parametrize("kind", ["bytes", "string", "uint256[]", "bytes[]", "(bytes,bool)[]"])
def test_layout__length_beyond_the_data__is_refused(kind: str, length: int) -> None:
    function = Function.read(f"f({kind})")
    with pytest.raises(NotCanonicalError):
        arguments_of(function, function.selector + word(32) + word(length))
