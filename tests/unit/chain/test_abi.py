"""Tests of the keeper's interface files against the compiled contracts."""

from __future__ import annotations

import pytest

from keepers.chain.abi import load_abi
from tests.unit.chain.abi_files import USED, compiled, used

ANEW = "contracts changed: run python -m tests.unit.chain.abi_files"


@pytest.mark.parametrize("name", list(USED))
def test_abi__ours__is_as_compiled(name: str) -> None:
    assert list(load_abi(name)) == used(name), ANEW


@pytest.mark.parametrize("name", list(USED))
def test_abi__ours__has_everything_that_is_used(name: str) -> None:
    assert set(USED[name]) <= {entry["name"] for entry in load_abi(name)}


def test_abi__erc4626__is_that_of_the_standard() -> None:
    standard = {
        (entry["name"], *(each["type"] for each in entry["inputs"]))
        for entry in compiled("IERC4626")
        if entry["type"] == "function"
    }
    for entry in load_abi("IERC4626"):
        assert (entry["name"], *(each["type"] for each in entry["inputs"])) in standard
