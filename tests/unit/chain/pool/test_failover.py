"""Tests of the failover reader: the best node answers, or another node if it fails."""

from __future__ import annotations

import pytest

from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import RpcError
from keepers.model.errors.chain import ChainUnreachableError, WrongChainError
from tests.unit.chain.pool.scripted import HEIGHT, Clock, ScriptedNode, honest, members_of

PLACE = "0x00000000000000000000000000000000DeaDBeef"
METHOD, SEND = "eth_getCode", "eth_sendRawTransaction"


def answering(count: int) -> list[ScriptedNode]:
    nodes = honest(count)
    for index, node in enumerate(nodes):
        node.says[METHOD] = f"0x0{index}"
    return nodes


def reader_of(nodes: list[ScriptedNode], clock: Clock | None = None) -> FailoverReader:
    return FailoverReader(members_of(nodes, clock=clock))


async def test_ask__all_are_well__the_first_answers() -> None:
    nodes = answering(3)
    assert await reader_of(nodes).ask(METHOD, PLACE, "latest") == "0x00"
    assert [node.count(METHOD) for node in nodes] == [1, 0, 0]


async def test_ask__one_node__is_not_compared_with_itself() -> None:
    nodes = answering(1)
    await reader_of(nodes).ask(METHOD)
    assert nodes[0].asked == [("eth_chainId",), (METHOD,)]


async def test_ask__first_is_behind__another_answers() -> None:
    nodes = answering(2)
    nodes[0].height = HEIGHT - 6
    reader = reader_of(nodes)
    assert await reader.ask(METHOD) == "0x01"
    assert reader.shown_url == "http://node1"


NODE_PROBLEMS = [
    ChainUnreachableError("http://node0", "ClientOSError"),
    RpcError(METHOD, 429, "Too Many Requests", None),
    RpcError(METHOD, -32000, "header not found", None),
    RpcError(METHOD, -32603, "internal error", None),
    RpcError(METHOD, -32601, "the method does not exist", None),
]


@pytest.mark.parametrize("problem", NODE_PROBLEMS, ids=str)
async def test_ask__it_may_be_the_node__another_is_asked(problem: Exception) -> None:
    nodes = answering(2)
    nodes[0].says[METHOD] = problem
    assert await reader_of(nodes).ask(METHOD) == "0x01"


CALL_PROBLEMS = [
    RpcError(METHOD, 3, "execution reverted: no", None),
    RpcError(METHOD, -32000, "execution reverted", b"\x01"),
]


@pytest.mark.parametrize("problem", CALL_PROBLEMS, ids=str)
async def test_ask__it_is_the_call__nobody_else_is_asked(problem: Exception) -> None:
    nodes = answering(2)
    nodes[0].says[METHOD] = problem
    with pytest.raises(RpcError):
        await reader_of(nodes).ask(METHOD)
    assert nodes[1].count(METHOD) == 0


async def test_ask__bytes__are_sent_to_one_node_once_whatever_happens() -> None:
    nodes = answering(3)
    nodes[0].says[SEND] = ChainUnreachableError("http://node0", "TimeoutError")
    with pytest.raises(ChainUnreachableError):
        await reader_of(nodes).ask(SEND, "0xab")
    assert [node.count(SEND) for node in nodes] == [1, 0, 0]


async def test_ask__a_node_failed__the_others_come_first_until_it_is_well_again() -> None:
    clock, nodes = Clock(), answering(2)
    reader = reader_of(nodes, clock)
    await reader.ask(METHOD)
    nodes[0].down = True
    assert await reader.ask(METHOD) == "0x01"
    asked = len(nodes[0].asked)
    assert await reader.ask(METHOD) == "0x01"
    assert len(nodes[0].asked) == asked
    nodes[0].down, clock.now = False, 60
    assert await reader.ask(METHOD) == "0x00"


async def test_ask__all_fail__is_the_first_ones_error() -> None:
    nodes = answering(2)
    for node in nodes:
        node.down = True
    with pytest.raises(ChainUnreachableError, match="http://node0"):
        await reader_of(nodes).ask(METHOD)


async def test_node__through_the_reader__refuses_another_chain() -> None:
    nodes = answering(2)
    for node in nodes:
        node.says["eth_chainId"] = "0x5"
    with pytest.raises(WrongChainError):
        await Node(reader_of(nodes), 1, PLACE, Reverts({})).head()


async def test_node__one_is_of_another_chain__the_other_answers() -> None:
    nodes = answering(2)
    nodes[0].says["eth_chainId"] = "0x5"
    node = Node(reader_of(nodes), 1, PLACE, Reverts({}))
    assert (await node.head()).number == HEIGHT
    assert nodes[0].count("eth_getBlockByNumber") == 0
