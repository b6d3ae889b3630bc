"""Tests of the reads of one block: none is repeated, and a failed prefetch does no harm."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from eth_abi.abi import decode, encode
from eth_utils.address import to_checksum_address

from keepers.chain.codec import function
from keepers.chain.contracts.vault import LiquidityVault
from keepers.chain.node import Node
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import RpcError
from keepers.chain.vault.reads import BlockReads, VaultReads
from keepers.model.errors.chain import NodeRefusedError

MULTICALL, HERE, THERE, ELSEWHERE = (to_checksum_address(f"0x{n:040x}") for n in range(1, 5))
AT = datetime(2030, 1, 2, tzinfo=UTC)
AGGREGATE = function("Multicall3", "aggregate3")


class Counting:
    """Node that answers every call with the number of calls so far."""

    shown_url = "http://node"

    def __init__(self, most: int = 100) -> None:
        self.most = most
        self.batches: list[list[str]] = []
        self.answered = 0

    async def ask(self, method: str, *params: Any) -> Any:
        if method == "eth_chainId":
            return "0x1"
        assert method == "eth_call"
        (calls,) = decode(AGGREGATE.inputs, bytes.fromhex(params[0]["data"][2:])[4:])
        self.batches.append([to_checksum_address(target) for target, _, _ in calls])
        if len(calls) > self.most:
            raise RpcError("eth_call", -32000, "out of gas", None)
        return "0x" + encode(AGGREGATE.outputs, ([self._next() for _ in calls],)).hex()

    def _next(self) -> tuple[bool, bytes]:
        self.answered += 1
        return True, encode(["uint256"], [self.answered])


def reads_of(node: Counting) -> BlockReads:
    return BlockReads(Node(node, 1, MULTICALL, Reverts({})), 7, AT)


def worth(address: str) -> Any:
    return LiquidityVault(address).total_assets()


async def test_run__asked_twice__is_read_once() -> None:
    node = Counting()
    reads = reads_of(node)
    first, second = reads.add(worth(HERE)), reads.add(worth(HERE))
    await reads.run(7)
    again = reads.add(worth(HERE))
    await reads.run(7)
    assert (first.value, second.value, again.value) == (1, 1, 1)
    assert node.batches == [[HERE]]


async def test_prefetch__nothing_needed__makes_no_request() -> None:
    node = Counting()
    reads = reads_of(node)
    reads.prefetch(worth(HERE))
    await reads.run(7)
    assert node.batches == []
    assert reads.known(worth(HERE)) is None


async def test_prefetch__with_what_is_needed__is_there_later() -> None:
    node = Counting()
    reads = reads_of(node)
    reads.prefetch(worth(HERE))
    reads.add(worth(THERE))
    await reads.run(7)
    assert reads.known(worth(HERE)) == 2
    later = reads.add(worth(HERE))
    await reads.run(7)
    assert later.value == 2
    assert node.batches == [[THERE, HERE]]


async def test_prefetch__too_much_for_the_node__is_asked_when_needed() -> None:
    node = Counting(most=1)
    reads = reads_of(node)
    reads.prefetch(worth(HERE))
    needed = reads.add(worth(THERE))
    await reads.run(7)
    assert (needed.value, reads.known(worth(HERE))) == (1, None)
    later = reads.add(worth(HERE))
    await reads.run(7)
    assert later.value == 2
    assert node.batches == [[THERE, HERE], [THERE], [HERE]]


async def test_run__too_much_for_the_node__is_asked_in_halves() -> None:
    node = Counting(most=1)
    reads = reads_of(node)
    slots = [reads.add(worth(each)) for each in (HERE, THERE, ELSEWHERE)]
    await reads.run(7)
    assert [each.value for each in slots] == [1, 2, 3]
    assert [len(each) for each in node.batches] == [3, 2, 1, 1, 1]


async def test_run__node_refuses_everything__says_so_and_can_be_repeated() -> None:
    node = Counting(most=0)
    reads = reads_of(node)
    slots = [reads.add(worth(HERE)), reads.add(worth(THERE))]
    with pytest.raises(NodeRefusedError, match="out of gas"):
        await reads.run(7)
    node.most = 2
    await reads.run(7)
    assert [each.value for each in slots] == [1, 2]


async def test_vault_reads__another_block__knows_nothing() -> None:
    node = Counting()
    reads = VaultReads(Node(node, 1, MULTICALL, Reverts({})), ELSEWHERE)
    first = await reads.at(7, AT)
    first.add(worth(HERE))
    await first.run(7)
    assert await reads.at(7, AT) is first
    assert (await reads.at(8, AT)).known(worth(HERE)) is None
    assert reads.begin(8, AT).known(worth(HERE)) is None


class Exhausted(Counting):
    """Node whose gas is used up by the first call of a batch; the others fail without data."""

    def _next(self) -> tuple[bool, bytes]:
        self.answered += 1
        return (True, encode(["uint256"], [1])) if self.answered == 1 else (False, b"")


async def test_prefetch__uses_up_the_gas__what_is_needed_was_before_it() -> None:
    reads = reads_of(Exhausted())
    reads.prefetch(worth(HERE))
    needed = reads.add(worth(THERE))
    await reads.run(7)
    assert needed.value == 1
