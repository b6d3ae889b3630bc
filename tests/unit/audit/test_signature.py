"""Tests of function signatures and argument paths: parsed exactly or refused."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.arguments import ArgumentRule
from keepers.audit.signature import Function
from keepers.model.errors.signing import PolicyError

EXAMPLE = "f((address to, uint[2][] pairs) step, bytes<uint256 a, bytes b> data, bool on, string s, bytes4 t)"  # noqa: E501


@pytest.mark.parametrize(
    ("text", "canonical", "selector"),
    [
        ("transfer(address,uint256)", "transfer(address,uint256)", "a9059cbb"),
        ("transfer(address to, uint amount)", "transfer(address,uint256)", "a9059cbb"),
        (" deposit ( ) ", "deposit()", "d0e30db0"),
        ("f(tuple(int a)[3][] calldata x)", "f((int256)[3][])", None),
        ("f(bytes<address a, bytes<> b> memory)", "f(bytes)", None),
        ("f(bytes<uint8>[] all)", "f(bytes[])", None),
    ],
)
def test_read__signature__has_canonical_types(
    text: str, canonical: str, selector: str | None
) -> None:
    function = Function.read(text)
    assert function.canonical == canonical
    assert selector is None or function.selector.hex() == selector


@pytest.mark.parametrize(
    "text",
    [
        *("", "f", "f(", "f()x", "(uint)", "f(,)", "f(uint,)", "f(uint uint uint)", "f(uint7)"),
        *(
            "f(uint264)",
            "f(bytes33)",
            "f(bytes0)",
            "f(fixed)",
            "f(function)",
            "f(())",
            "f(uint[0])",
        ),
        *("f(uint<int>)", "f(bytes4<int>)", "f(bytes<int)", "f(uint[)", "f(uint[-1])", "f(uint;)"),
        "f(" + "(" * 40 + "uint" + ")" * 41,
    ],
)
def test_read__no_signature__is_refused(text: str) -> None:
    with pytest.raises(PolicyError):
        Function.read(text)


@given(st.text(alphabet="f(uint256,address[]<>bytes 3)", max_size=40))
def test_read__any_text__is_read_or_refused(text: str) -> None:
    try:
        function = Function.read(text)
    except PolicyError:
        return
    assert Function.read(function.canonical).selector == function.selector


@pytest.mark.parametrize(
    ("argument", "said", "problem"),
    [
        ("", {"equals": 1}, "no such argument"),
        ("nobody", {"equals": 1}, "not the name or position"),
        ("9", {"equals": 1}, "not the name or position"),
        ("step", {"equals": 1}, "not a single value"),
        ("step.pairs", {"equals": 1}, "not a single value"),
        ("step.pairs[0]", {"equals": 1}, "not a single value"),
        ("step.pairs[0][0][0]", {"equals": 1}, "no such argument"),
        ("step.pairs.0", {"equals": 1}, "no such argument"),
        ("data", {"equals": "0x"}, "not a single value"),
        ("data.length", {"equals": 1}, "not the name or position"),
        ("on.length", {"equals": 1}, "not the name or position"),
        ("on", {"equals": 1}, "1 is not of type bool"),
        ("on", {"at_most": 1}, "bool does not support at_most"),
        ("on", {}, "it has no condition"),
        ("step.to", {"equals": "0x12"}, "is not of type address"),
        ("step.to", {"one_of": [7]}, "is not of type address"),
        ("data.a", {"equals": True}, "is not of type uint256"),
        ("data.a", {"at_most": "1e3"}, "is not of type uint256"),
        ("data.b", {"equals": "abc"}, "is not of type bytes"),
        ("data.b", {"equals": "0xabc"}, "not hexadecimal"),
        ("t", {"equals": "0xabcd"}, "does not have 4 bytes"),
        ("s", {"equals": 3}, "is not of type string"),
    ],
)
def test_argument_rule__that_cannot_be__is_refused(
    argument: str, said: dict[str, Any], problem: str
) -> None:
    with pytest.raises(PolicyError, match=problem):
        ArgumentRule.make(Function.read(EXAMPLE).parameters, argument, **said)


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("step.pairs.length", {"at_most": 3}),
        ("step.pairs[*][1]", {"at_most": "9" * 78}),
        ("0.1[0].length", {"equals": 2}),
        ("data.b.length", {"equals": 2}),
        ("s.length", {"equals": 2}),
        ("s", {"equals": "text"}),
        ("on", {"equals": False}),
        ("t", {"equals": "0xABCDEF01"}),
    ],
)
def test_argument_rule__of_what_is_there__is_made(argument: str, said: dict[str, Any]) -> None:
    assert ArgumentRule.make(Function.read(EXAMPLE).parameters, argument, **said)
