"""Tests of the bridges' chain reader over JSON-RPC."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from eth_abi.abi import encode

from keepers.bridges.chain_reader import MOST_BLOCKS, ChainReader
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import RpcError
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ContractMissingError,
    NodeRefusedError,
)

ADDRESS = "0x" + "ca" * 20


class PaperNode:
    """Node in memory with an answer for each method."""

    shown_url = "http://node"

    def __init__(self, answers: dict[str, Callable[..., Any]]) -> None:
        self.answers = answers
        self.asked: list[tuple[str, tuple[object, ...]]] = []

    async def ask(self, method: str, *params: object) -> Any:
        self.asked.append((method, params))
        return self.answers[method](*params)


def reader(**answers: Callable[..., Any]) -> ChainReader:
    return ChainReader(PaperNode(answers), ADDRESS, Reverts({}))


def failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object) -> Any:
        raise error

    return fail


async def test_contract_block__is_what_multicall_says() -> None:
    """On Arbitrum, contracts see the block number of Ethereum; attestations expire by it."""
    number = f"0x{encode(['uint256'], [23_000_000]).hex()}"
    assert await reader(eth_call=lambda *_: number).contract_block() == 23_000_000
    with pytest.raises(ContractMissingError):
        await reader(eth_call=lambda *_: "0x").contract_block()


async def test_logs__are_asked_for_in_parts_to_the_head() -> None:
    ranges: list[tuple[int, int]] = []

    def logs(wanted: dict[str, Any]) -> list[dict[str, Any]]:
        ranges.append((int(wanted["fromBlock"], 16), int(wanted["toBlock"], 16)))
        topics = ["0x" + "01" * 32]
        return [{"address": ADDRESS, "topics": topics, "data": "0x02"}]

    node = reader(eth_blockNumber=lambda: hex(12_000), eth_getLogs=logs)
    found = await node.logs(ADDRESS, ("0x" + "01" * 32, None), 10)
    assert ranges == [(10, 5_009), (5_010, 10_009), (10_010, 12_000)]
    assert all(last - first < MOST_BLOCKS for first, last in ranges)
    assert [log.data for log in found] == ["0x02"] * 3


def nowhere(_: object) -> list[dict[str, object]]:
    return [{"address": "0x12", "topics": [], "data": "0x"}]


async def test_logs__of_no_address_are_refused() -> None:
    node = reader(eth_blockNumber=lambda: "0xa", eth_getLogs=nowhere)
    with pytest.raises(BadAnswerError):
        await node.logs(ADDRESS, (), 1)


async def test_receipt__that_is_not_there_is_none() -> None:
    assert await reader(eth_getTransactionReceipt=lambda *_: None).receipt("0x01") is None


async def test_call__tells_a_revert_from_a_node_that_refuses() -> None:
    revert = RpcError("eth_call", 3, "execution reverted", b"")
    with pytest.raises(CallRevertedError):
        await reader(eth_call=failing(revert)).call(ADDRESS, b"1234")
    refusal = RpcError("eth_call", -32005, "limit exceeded", None)
    with pytest.raises(NodeRefusedError):
        await reader(eth_call=failing(refusal)).call(ADDRESS, b"1234")
