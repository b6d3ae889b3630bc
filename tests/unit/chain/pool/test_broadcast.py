"""Tests of sending: every node gets the signed bytes once; each answer is classified alone."""

from __future__ import annotations

from typing import Any

import pytest
from eth_utils.crypto import keccak

from keepers.chain.pool import PoolPolicy
from keepers.chain.rpc import RpcError
from keepers.model.chain import NodeErrorKind, NodeState
from keepers.model.chain_view import SendAnswer
from keepers.model.errors import EXIT_UNUSABLE_INPUT
from keepers.model.errors.chain import ChainUnreachableError, NoRelayError
from tests.unit.chain.pool.scripted import SILENT, ScriptedNode, honest, pool_of

SEND = "eth_sendRawTransaction"
RAW = "0x02abcd"
HASH = f"0x{keccak(bytes.fromhex(RAW[2:])).hex()}"


def taking(count: int, answer: Any = HASH) -> list[ScriptedNode]:
    nodes = honest(count)
    for node in nodes:
        node.says[SEND] = answer
    return nodes


async def test_send__every_node__is_given_the_bytes_once() -> None:
    readers, (send_only,), (relay,) = taking(2), taking(1), taking(1)
    answers = await pool_of(readers, send_only=[send_only], relays=[relay]).send(RAW)
    assert [each.problem for each in answers] == [None] * 4
    for node in (*readers, send_only, relay):
        assert [each for each in node.asked if each[0] == SEND] == [(SEND, RAW)]


async def test_send__in_private__is_told_to_relays_alone() -> None:
    readers, (send_only,), relays = taking(2), taking(1), taking(2)
    answers = await pool_of(readers, send_only=[send_only], relays=relays).send(RAW, public=False)
    assert len(answers) == 2
    assert [node.asked for node in (*readers, send_only)] == [[], [], []]


async def test_send__in_private_without_a_relay__is_refused() -> None:
    readers = taking(2)
    with pytest.raises(NoRelayError) as raised:
        await pool_of(readers).send(RAW, public=False)
    assert raised.value.exit_status == EXIT_UNUSABLE_INPUT
    assert [node.asked for node in readers] == [[], []]


@pytest.mark.parametrize("answer", [None, "accepted", "0x" + "99" * 32, {"bundle": 1}])
async def test_send__relay_answers_without_the_hash__has_taken_it(answer: object) -> None:
    (answered,) = await pool_of(taking(1), relays=taking(1, answer)).send(RAW, public=False)
    assert answered.problem is None


async def test_send__public_node_answers_with_another_hash__nothing_is_known() -> None:
    (answered,) = await pool_of(taking(1, "0x" + "99" * 32)).send(RAW)
    assert answered.problem is NodeErrorKind.TRANSPORT


PROBLEMS = [
    (RpcError(SEND, -32000, "already known", None), NodeErrorKind.ALREADY_KNOWN),
    (RpcError(SEND, -32000, "nonce too low", None), NodeErrorKind.NONCE_TOO_LOW),
    (RpcError(SEND, -32000, "what is this", None), NodeErrorKind.UNKNOWN),
    (ChainUnreachableError("http://node0", "ClientResponseError 429"), NodeErrorKind.RATE_LIMITED),
    (ChainUnreachableError("http://node0", "ClientOSError"), NodeErrorKind.TRANSPORT),
]


@pytest.mark.parametrize(("problem", "kind"), PROBLEMS, ids=str)
async def test_send__one_node_refuses__is_classified_and_never_repeated(
    problem: Exception, kind: NodeErrorKind
) -> None:
    nodes = taking(2)
    nodes[0].says[SEND] = problem
    pool = pool_of(nodes)
    first, second = await pool.send(RAW)
    assert (first.node, first.problem) == ("http://node0", kind)
    assert first.message
    assert second == SendAnswer("http://node1", None)
    assert [node.count(SEND) for node in nodes] == [1, 1]
    failing = kind in {NodeErrorKind.RATE_LIMITED, NodeErrorKind.TRANSPORT}
    assert pool.health()[0].state is (NodeState.FAILING if failing else NodeState.HEALTHY)


async def test_send__refusal__is_the_nodes_own_words() -> None:
    refusal = RpcError(SEND, -32000, "nonce too low: next nonce 5", None)
    (answer,) = await pool_of(taking(1, refusal)).send(RAW)
    assert answer.message == "nonce too low: next nonce 5"


async def test_send__node_that_just_failed__is_tried_all_the_same() -> None:
    nodes = taking(2)
    nodes[0].down = True
    pool = pool_of(nodes)
    await pool.send(RAW)
    nodes[0].down = False
    assert [each.problem for each in await pool.send(RAW)] == [None, None]


async def test_send__node_of_another_chain__is_given_nothing() -> None:
    nodes = taking(2)
    nodes[0].says["eth_chainId"] = "0x5"
    answers = await pool_of(nodes).send(RAW)
    assert [each.problem for each in answers] == [NodeErrorKind.TRANSPORT, None]
    assert nodes[0].count(SEND) == 0


async def test_send__silent_node__has_its_time_and_no_more() -> None:
    nodes = taking(2)
    nodes[0].says[SEND] = SILENT
    answers = await pool_of(nodes, policy=PoolPolicy(request_seconds=0.05)).send(RAW)
    assert [each.problem for each in answers] == [NodeErrorKind.TRANSPORT, None]


async def test_send__relay_that_knows_no_chain_id__is_used() -> None:
    (relay,) = taking(1)
    relay.says["eth_chainId"] = RpcError("eth_chainId", -32601, "no such method", None)
    assert (await pool_of(taking(1), relays=[relay]).send(RAW))[1].problem is None
