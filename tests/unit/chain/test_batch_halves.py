"""Tests of read batches that are too large for a node: they are split in halves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import decode, encode

from keepers.chain.node import CallAnswer, Multicall3, Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import RpcError
from keepers.model.errors.chain import (
    ChainError,
    ChainUnreachableError,
    PayloadTooLargeError,
)

ADDRESS = "0x" + "ca" * 20
CALLS = "(address,bool,bytes)[]"
TOO_LARGE: dict[str, Callable[[], Exception]] = {
    "B-BATCH-413": lambda: PayloadTooLargeError("node", "ClientResponseError 413"),
    "B-BATCH-ANSWER": lambda: RpcError("eth_call", -32008, "response size should not exceed", None),
    "B-BATCH-TOO_BIG": lambda: RpcError("eth_call", -32005, "Response is too big", None),
    "B-BATCH-GAS": lambda: RpcError("eth_call", -32000, "out of gas", None),
    "B-BATCH-REVERTS": lambda: RpcError("eth_call", 3, "execution reverted", b""),
}
"""Every error by which a node refuses a batch as too large, by row id."""


class Small:
    """Node that answers at most `most` calls at once and refuses more."""

    shown_url = "node"

    def __init__(self, most: int, problem: Callable[[], Exception]) -> None:
        self.most = most
        self.problem = problem
        self.asked: list[int] = []

    async def ask(self, method: str, *params: Any) -> str:
        """Answer a batch with the calldata of each call."""
        assert method == "eth_call"
        (calls,) = decode([CALLS], bytes.fromhex(params[0]["data"][10:]))
        self.asked.append(len(calls))
        if len(calls) > self.most:
            raise self.problem()
        answers = [(True, data) for _, _, data in calls]
        return f"0x{encode(['(bool,bytes)[]'], [answers]).hex()}"


def node_of(small: Small) -> Node:
    return Node(small, 1, ADDRESS, Reverts({}), is_checked=True)


@pytest.mark.parametrize("problem", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_batch__too_large__is_halved_until_it_is_not(
    problem: Callable[[], Exception],
) -> None:
    small = Small(3, problem)
    calls = [Multicall3(ADDRESS).balance(f"0x{number:040x}") for number in range(10)]
    found = await node_of(small).aggregate_in_halves(calls, 7)
    assert found == [CallAnswer(succeeded=True, data=call.data) for call in calls]
    assert max(small.asked[1:]) < small.asked[0]


@pytest.mark.parametrize("problem", TOO_LARGE.values(), ids=TOO_LARGE.keys())
async def test_batch__one_call_is_too_large__says_so_soon(
    problem: Callable[[], Exception],
) -> None:
    small = Small(0, problem)
    calls = [Multicall3(ADDRESS).balance(f"0x{number:040x}") for number in range(64)]
    with pytest.raises(ChainError):
        await node_of(small).aggregate_in_halves(calls, 7)
    assert len(small.asked) == 7  # 64, 32, 16 ... 1


async def test_batch__other_problem__is_not_repeated() -> None:
    small = Small(0, lambda: ChainUnreachableError("node", "no answer in time"))
    calls = [Multicall3(ADDRESS).balance(ADDRESS)] * 4
    with pytest.raises(ChainUnreachableError):
        await node_of(small).aggregate_in_halves(calls, 7)
    assert small.asked == [4]
