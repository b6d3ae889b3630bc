"""A policy with a transaction that it allows, and random policies and transactions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from eth_abi.abi import encode
from hypothesis import strategies as st

from keepers.audit.arguments import ArgumentRule
from keepers.audit.policy import Policy, Rule
from keepers.audit.signature import Function
from keepers.model.chain import ContractCall, Fees, Unsigned

SENDER = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
TARGET = "0x00000000000000000000000000000000DeaDBeef"
OTHER = "0x" + "11" * 20
TEXT = "move((address to, uint256[] amounts)[] steps, int64 least, bytes32 tag, bytes<uint256 deadline, bytes path> data)"  # noqa: E501
TYPES = ("(address,uint256[])[]", "int64", "bytes32", "bytes")
TAG = b"\x07" * 32
STEPS = (("0x" + "22" * 20, (1, 2)), ("0x" + "33" * 20, ()))


def calldata(
    steps: Any = STEPS, least: int = -5, tag: bytes = TAG, deadline: int = 9, path: bytes = b"p"
) -> str:
    data = encode(("uint256", "bytes"), (deadline, path))
    encoded = encode(TYPES, (steps, least, tag, data))
    return "0x" + (Function.read(TEXT).selector + encoded).hex()


def rule(**arguments: dict[str, Any]) -> Rule:
    """Return a rule for `move`; the keys of `arguments` are argument paths."""
    function = Function.read(TEXT)
    made = tuple(
        ArgumentRule.make(function.parameters, text, **said) for text, said in arguments.items()
    )
    return Rule(name="move", target=TARGET.lower(), function=function, arguments=made)


POLICY = Policy(
    name="test",
    chain_ids=frozenset({5}),
    senders=frozenset({SENDER.lower()}),
    rules=(rule(),),
    maximum_gas_limit=100_000,
    maximum_fee_per_gas=30,
    maximum_total_cost=3_000_000,
)
TRANSACTION = Unsigned(
    chain_id=5,
    nonce=3,
    call=ContractCall(TARGET, calldata()),
    gas_limit=100_000,
    fees=Fees(30, 2),
)


@dataclass(frozen=True)
class Sample:
    """Numbers of a transaction, from which calldata and limits are built."""

    to: int
    amount: int
    least: int
    deadline: int
    value: int
    gas: int
    fee: int
    priority: int


_small = st.integers(0, 6)


def samples() -> st.SearchStrategy[Sample]:
    """Generate small numbers, so that a limit is met about as often as it is exceeded."""
    return st.builds(
        Sample,
        to=_small,
        amount=_small,
        least=st.integers(-6, 6),
        deadline=_small,
        value=_small,
        gas=_small,
        fee=_small,
        priority=_small,
    )


def address(number: int) -> str:
    return f"0x{number:040x}"


def transaction_of(sample: Sample) -> Unsigned:
    steps = ((address(sample.to), (sample.amount, 1)),)
    return replace(
        TRANSACTION,
        call=ContractCall(TARGET, calldata(steps, sample.least, TAG, sample.deadline)),
        gas_limit=sample.gas,
        fees=Fees(sample.fee, sample.priority),
        value=sample.value,
    )


@dataclass(frozen=True)
class Limits:
    """Bounds of a random policy."""

    to: tuple[int, ...]
    amount: int
    least: int
    deadline: int
    value: int
    gas: int
    fee: int
    cost: int


def limits() -> st.SearchStrategy[Limits]:
    return st.builds(
        Limits,
        to=st.lists(_small, max_size=5).map(tuple),
        amount=_small,
        least=st.integers(-6, 6),
        deadline=_small,
        value=_small,
        gas=_small,
        fee=_small,
        cost=st.integers(0, 40),
    )


def policy_of(said: Limits) -> Policy:
    arguments: dict[str, dict[str, Any]] = {
        "steps[*].to": {"one_of": [address(each) for each in said.to]},
        "steps[0].amounts[0]": {"at_most": said.amount},
        "1": {"at_least": str(said.least)},
        "data.deadline": {"equals": said.deadline},
    }
    return replace(
        POLICY,
        rules=(replace(rule(**arguments), maximum_value=said.value),),
        maximum_gas_limit=said.gas,
        maximum_fee_per_gas=said.fee,
        maximum_total_cost=said.cost,
    )


CHECKS: dict[str, Callable[[Limits, Sample], bool]] = {
    "argument steps[*].to": lambda said, found: found.to in said.to,
    "argument steps[0].amounts[0]": lambda said, found: found.amount <= said.amount,
    "argument 1": lambda said, found: found.least >= said.least,
    "argument data.deadline": lambda said, found: found.deadline == said.deadline,
    "value": lambda said, found: found.value <= said.value,
    "gas limit": lambda said, found: found.gas <= said.gas,
    "maximum fee": lambda said, found: found.fee <= said.fee,
    "priority fee": lambda _, found: found.priority <= found.fee,
    "total cost": lambda said, found: found.gas * found.fee + found.value <= said.cost,
}
"""Naive second implementation: the condition for each field that a refusal can name."""
