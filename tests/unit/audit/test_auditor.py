"""Tests of the auditor: allowed transactions and the texts of refusals."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from eth_abi.abi import encode

from keepers.audit.arguments import ArgumentRule
from keepers.audit.auditor import Auditors, PolicyAuditor
from keepers.audit.http import decoded_call
from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from keepers.model.chain import ContractCall, Fees, Unsigned
from keepers.model.errors.signing import AuditRefusedError, AuditUnavailableError
from tests.unit.audit.cases import (
    OTHER,
    POLICY,
    SENDER,
    TARGET,
    TRANSACTION,
    calldata,
    rule,
)

NOTHING = replace(TRANSACTION, call=ContractCall(SENDER, "0x"))


def audit(policy: Policy = POLICY, transaction: Unsigned = TRANSACTION) -> None:
    PolicyAuditor(policy).audit(transaction, SENDER)


def refusal(policy: Policy = POLICY, transaction: Unsigned = TRANSACTION) -> AuditRefusedError:
    with pytest.raises(AuditRefusedError) as raised:
        audit(policy, transaction)
    return raised.value


def with_rule(**arguments: Any) -> Policy:
    return replace(POLICY, rules=(rule(**arguments),))


def test_audit__allowed__passes() -> None:
    audit()


@pytest.mark.parametrize(
    ("changed", "field", "problem"),
    [
        ({"chain_id": 6}, "chain id", "chain id is 6, which is not listed"),
        ({"gas_limit": 100_001}, "gas limit", "gas limit is 100001, above 100000"),
        ({"fees": Fees(31, 2)}, "maximum fee", "maximum fee is 31, above 30"),
        ({"fees": Fees(2, 3)}, "priority fee", "priority fee is 3, above 2"),
        ({"value": 1}, "total cost", "total cost is 3000001, above 3000000"),
        ({"value": 1, "gas_limit": 1}, "value", "value is 1, above 0"),
        ({"access_list": ((OTHER, ()),)}, "access list", f"names {OTHER}, which is not listed"),
        (
            {"call": ContractCall(OTHER, calldata())},
            "target",
            f"target is {OTHER}, which is not in any rule",
        ),
        ({"call": ContractCall(TARGET, "0x12345678")}, "function", "0x12345678 of"),
        ({"call": ContractCall(TARGET, "0x")}, "function", "not in any rule"),
        ({"call": ContractCall(TARGET, "0xz")}, "calldata", "not hexadecimal"),
        ({"call": ContractCall(TARGET, calldata()[:-2])}, "calldata", "not the canonical"),
        ({"call": ContractCall(TARGET, calldata() + "00" * 32)}, "calldata", "not the canonical"),
        ({"call": ContractCall(TARGET, "0x" + "00" * 140_000)}, "function", "not in any rule"),
    ],
)
def test_fault_55_audit__not_allowed__names_field_and_values(
    changed: dict[str, Any], field: str, problem: str
) -> None:
    error = refusal(transaction=replace(TRANSACTION, **changed))
    assert error.field == field
    assert problem in error.problem
    assert "policy test" in error.rule


@pytest.mark.parametrize(
    ("argument", "said", "problem"),
    [
        ("steps[1].to", {"equals": OTHER}, f"is 0x{'33' * 20}, not {OTHER}"),
        ("steps[*].to", {"one_of": ["0x" + "22" * 20]}, "which is not listed"),
        ("0[0].1[1]", {"at_most": 1}, "is 2, above 1"),
        ("steps[0].amounts[*]", {"at_least": "2"}, "is 1, below 2"),
        ("steps[1].amounts[0]", {"at_least": 0}, "no such element"),
        ("steps.length", {"at_most": 1}, "is 2, above 1"),
        ("steps[0].amounts.length", {"equals": 1}, "is 2, not 1"),
        ("least", {"at_least": -4}, "is -5, below -4"),
        ("tag", {"equals": "0x" + "08" * 32}, "not 0x0808"),
        ("data.deadline", {"at_most": 8}, "is 9, above 8"),
        ("data.path", {"one_of": ["0x", "0x7071"]}, "is 0x70, which is not listed"),
        ("data.path.length", {"at_most": 0}, "is 1, above 0"),
        ("3.0", {"equals": 0}, "is 9, not 0"),
    ],
)
def test_audit__argument_out_of_its_rule__is_named(
    argument: str, said: dict[str, Any], problem: str
) -> None:
    error = refusal(with_rule(**{argument: said}))
    assert error.field == f"argument {argument}"
    assert problem in error.problem
    assert error.rule == "policy test, rule move"


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("steps[*].to", {"one_of": ["0x" + "22" * 20, "0x" + "33" * 20]}),
        ("steps[0].amounts[*]", {"at_most": 2, "at_least": 1}),
        ("steps[1].amounts[*]", {"equals": 77}),  # the array is empty
        ("steps[1].amounts.length", {"equals": 0}),
        ("least", {"equals": "-5"}),
        ("data.deadline", {"equals": 9}),
    ],
)
def test_audit__argument_in_its_rule__passes(argument: str, said: dict[str, Any]) -> None:
    audit(with_rule(**{argument: said}))


def test_audit__no_rules__refuses_all_but_cancellations() -> None:
    refusal(replace(POLICY, rules=()))
    audit(replace(POLICY, rules=()), NOTHING)


def test_audit__cancellation__has_limits_and_can_be_forbidden() -> None:
    audit(transaction=NOTHING)
    assert refusal(replace(POLICY, cancellations=False), NOTHING).field == "target"
    assert refusal(transaction=replace(NOTHING, gas_limit=100_001)).field == "gas limit"
    for changed in ({"value": 1, "gas_limit": 1}, {"call": ContractCall(SENDER, "0x00")}):
        assert refusal(transaction=replace(NOTHING, **changed)).field == "target"


def test_audit__access_list__of_listed_accounts_or_any() -> None:
    named = replace(TRANSACTION, access_list=((OTHER, ("0x" + "00" * 32,)),))
    audit(replace(POLICY, access_list=frozenset({OTHER})), named)
    audit(replace(POLICY, access_list=None), named)


def test_audit__two_rules_of_one_function__one_is_enough() -> None:
    two = replace(POLICY, rules=(rule(least={"equals": 1}), rule(least={"equals": -5})))
    audit(two)
    neither = replace(POLICY, rules=(rule(least={"equals": 1}), rule(least={"equals": 2})))
    assert "is -5, not 1" in refusal(neither).problem
    assert "is -5, not 2" in refusal(neither).problem


def test_audit__bytes_hold_something_else__are_refused() -> None:
    data = encode(("uint256", "bytes"), (9, b"p"))
    for inner in (b"", data + bytes(32), data[:-1]):
        arguments = encode(("(address,uint256[])[]", "int64", "bytes32", "bytes"),
                           ((), 0, bytes(32), inner))  # fmt: skip
        call = ContractCall(TARGET, f"{calldata()[:10]}{arguments.hex()}")
        assert "calldata data" in refusal(transaction=replace(TRANSACTION, call=call)).problem


def test_audit__bytes_that_have_to_be_empty__are_refused_otherwise() -> None:
    function = Function.read("f(bytes<> data)")
    policy = replace(POLICY, rules=(Rule(name="f", target=TARGET.lower(), function=function),))
    for data, allowed in ((b"", True), (b"\x00", False), (bytes(32), False)):
        text = "0x" + (function.selector + encode(["bytes"], [data])).hex()
        transaction = replace(TRANSACTION, call=ContractCall(TARGET, text))
        if allowed:
            audit(policy, transaction)
        else:
            assert refusal(policy, transaction).field == "calldata"


def test_audit__dirty_padding__is_refused() -> None:
    function = Function.read("f(address to, bool flag, bytes4 tag)")
    free = ArgumentRule.make(function.parameters, "flag", equals=True)
    policy = replace(
        POLICY,
        rules=(Rule(name="f", target=TARGET.lower(), function=function, arguments=(free,)),),
    )
    clean = encode(("address", "bool", "bytes4"), (OTHER, True, b"abcd"))
    for place in (0, 11, 32, 62, 95):
        dirty = bytearray(clean)
        dirty[place] = 2
        text = "0x" + (function.selector + bytes(dirty)).hex()
        refusal(policy, replace(TRANSACTION, call=ContractCall(TARGET, text)))
    text = "0x" + (function.selector + clean).hex()
    audit(policy, replace(TRANSACTION, call=ContractCall(TARGET, text)))


def test_decoded_call__as_policy_reads_it__has_numbers_as_digits() -> None:
    call = decoded_call(POLICY, TRANSACTION)
    assert call is not None
    assert call["function"] == "move((address,uint256[])[],int64,bytes32,bytes)"
    assert call["arguments"] == [
        [["0x" + "22" * 20, ["1", "2"]], ["0x" + "33" * 20, []]],
        "-5",
        "0x" + "07" * 32,
        ["9", "0x70"],
    ]
    assert decoded_call(POLICY, NOTHING) is None


class Says:
    def __init__(self, error: Exception | None = None) -> None:
        self.asked = 0
        self.error = error

    def audit(self, transaction: Unsigned, sender: str) -> None:
        del transaction, sender
        self.asked += 1
        if self.error is not None:
            raise self.error


@pytest.mark.parametrize("error", [AuditRefusedError("r", "p"), AuditUnavailableError("w", "p")])
def test_auditors__one_says_no__later_ones_are_not_asked(error: Exception) -> None:
    first, second, third = Says(), Says(error), Says()
    with pytest.raises(type(error)):
        Auditors([first, second, third]).audit(TRANSACTION, SENDER)
    assert (first.asked, second.asked, third.asked) == (1, 1, 0)


def test_auditors__none__would_allow_everything() -> None:
    with pytest.raises(ValueError, match="no auditor"):
        Auditors([])
