"""Tests of rules that limit an argument to a share of another argument."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keepers.audit.arguments import ArgumentRule
from keepers.audit.signature import Function
from keepers.model.errors.signing import PolicyError

PAY = Function.read("pay(uint256 fee, uint256[] amounts, address to, int256 less)").parameters


def problem(fee: int, *amounts: int, bps: int = 15, of: str = "amounts[*]") -> str | None:
    rule = ArgumentRule.make(PAY, "fee", share=(of, bps))
    return rule.problem((fee, amounts, "0x" + "00" * 20, 0))


@given(fee=st.integers(0, 2**64), amount=st.integers(0, 2**70), bps=st.integers(0, 10_000))
def test_share__is_as_the_contract_reckons(fee: int, amount: int, bps: int) -> None:
    assert (problem(fee, amount, bps=bps) is None) == (fee <= amount * bps // 10_000)


def test_share__of_several__the_least_counts_and_none_is_nothing() -> None:
    assert problem(3, 2_000, 9_000) is None
    assert problem(4, 2_000, 9_000) == "is 4, above 15 basis points of amounts[*]"
    assert problem(1) is not None
    assert problem(0) is None


def test_share__of_an_element_that_is_not_there__is_a_problem() -> None:
    assert problem(0, 1, of="amounts[1]") == "has no such element"


@pytest.mark.parametrize("of", ["to", "less", "nothing", "amounts"])
def test_share__of_what_has_none__is_no_policy(of: str) -> None:
    with pytest.raises(PolicyError):
        ArgumentRule.make(PAY, "fee", share=(of, 15))
