"""Tests of pool members: the chain id is checked before use; a failure causes a pause."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from keepers.chain.pool import PoolPolicy
from keepers.chain.rpc import RpcError
from keepers.model.chain import NodeHealth, NodeRole, NodeState
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainUnreachableError,
    NoQuorumError,
    WrongChainError,
)
from tests.unit.chain.pool.scripted import (
    ACCOUNT,
    HEIGHT,
    Chain,
    Clock,
    ScriptedNode,
    honest,
    members_of,
    pool_of,
)

RATE_LIMITED = ChainUnreachableError("http://node0", "ClientResponseError 429")
UNAVAILABLE = ChainUnreachableError("http://node0", "ClientResponseError 503")
TIMED_OUT = ChainUnreachableError("http://node0", "ClientResponseError 408")
NOT_JSON = ChainUnreachableError("http://node0", "ContentTypeError 200")
LIMIT_SAID = RpcError("eth_getBlockByNumber", 429, "Too Many Requests", None)
TRUNCATED = BadAnswerError("eth_getBlockByNumber", "neither a result nor an error")


@pytest.mark.parametrize(
    ("readers", "configured", "expected"),
    [(1, None, 1), (2, None, 1), (3, None, 2), (4, None, 3), (5, None, 3), (5, 4, 4), (2, 2, 2)],
)
def test_quorum__by_number_of_readers__is_a_majority_of_three_and_more(
    readers: int, configured: int | None, expected: int
) -> None:
    assert PoolPolicy(quorum=configured).quorum_of(readers) == expected


def test_backoff__each_failure__doubles_it_up_to_the_longest() -> None:
    policy = PoolPolicy(backoff_seconds=1, longest_backoff_seconds=30)
    assert [policy.backoff(each) for each in (1, 2, 3, 6, 10_000)] == [1, 2, 4, 30, 30]


async def test_wrong_chain__is_quarantined_before_it_is_asked_anything_else() -> None:
    nodes = honest(3)
    nodes[1].says["eth_chainId"] = "0x5"
    pool = pool_of(nodes)
    assert (await pool.view(ACCOUNT)).head.number == HEIGHT
    assert {method for method, *_ in nodes[1].asked} == {"eth_chainId"}
    assert pool.health()[1].state is NodeState.WRONG_CHAIN
    assert "chain 5, not 1" in pool.health()[1].reason


async def test_wrong_chain__all_of_them__is_an_error_that_says_so() -> None:
    nodes = honest(3)
    for node in nodes:
        node.says["eth_chainId"] = "0x5"
    with pytest.raises(WrongChainError):
        await pool_of(nodes).view(ACCOUNT)


async def test_wrong_chain__one_and_the_others_are_down__says_both() -> None:
    nodes = honest(3)
    nodes[0].says["eth_chainId"] = "0x5"
    nodes[1].down = nodes[2].down = True
    with pytest.raises(NoQuorumError) as raised:
        await pool_of(nodes).view(ACCOUNT)
    assert "chain 5, not 1" in str(raised.value)
    assert "does not respond" in str(raised.value)


async def test_chain_id__node_was_down__is_checked_again() -> None:
    clock = Clock()
    nodes = honest(3)
    pool = pool_of(nodes, clock=clock)
    await pool.view(ACCOUNT)
    await pool.view(ACCOUNT)
    assert nodes[0].count("eth_chainId") == 1
    nodes[0].down = True
    await pool.view(ACCOUNT)
    nodes[0].down = False
    nodes[0].says["eth_chainId"] = "0x5"
    clock.now += 60
    await pool.view(ACCOUNT)
    assert pool.health()[0].state is NodeState.WRONG_CHAIN
    nodes[0].says["eth_chainId"] = "0x1"
    clock.now += 60
    await pool.view(ACCOUNT)
    assert pool.health()[0].state is NodeState.HEALTHY


@pytest.mark.parametrize(
    "problem", [RATE_LIMITED, UNAVAILABLE, TIMED_OUT, NOT_JSON, LIMIT_SAID, TRUNCATED], ids=str
)
async def test_infrastructure__one_node_fails__is_scored_down_and_not_fatal(
    problem: Exception,
) -> None:
    nodes = honest(3)
    nodes[0].says["eth_getBlockByNumber"] = problem
    pool = pool_of(nodes)
    assert (await pool.view(ACCOUNT)).head.number == HEIGHT
    first, *others = pool.health()
    assert (first.state, first.failures) == (NodeState.FAILING, 1)
    assert {each.state for each in others} == {NodeState.HEALTHY}


async def test_backoff__failing_node__is_asked_again_when_its_rest_is_over() -> None:
    clock, nodes = Clock(), honest(3)
    nodes[0].down = True
    pool = pool_of(nodes, clock=clock)
    asked: list[int] = []
    for now in (0, 0.9, 1.1, 2.9, 3.2):
        clock.now = now
        await pool.view(ACCOUNT)
        asked.append(nodes[0].count("eth_chainId"))
    assert asked == [1, 1, 2, 2, 3]
    assert pool.health()[0].failures == 3
    nodes[0].down, clock.now = False, 100
    await pool.view(ACCOUNT)
    assert (pool.health()[0].state, pool.health()[0].failures) == (NodeState.HEALTHY, 0)


async def test_backoff__too_few_are_awake__all_are_asked() -> None:
    nodes = honest(2)
    nodes[0].down = nodes[1].down = True
    pool = pool_of(nodes)
    with pytest.raises(NoQuorumError):
        await pool.view(ACCOUNT)
    nodes[1].down = False
    assert (await pool.view(ACCOUNT)).head.number == HEIGHT


async def test_health__node_far_behind__says_how_far() -> None:
    nodes = honest(3)
    nodes[2].height = HEIGHT - 50
    pool = pool_of(nodes)
    assert {each.state for each in pool.health()} == {NodeState.UNTRIED}
    await pool.view(ACCOUNT)
    assert pool.health()[2] == NodeHealth(
        node="http://node2",
        role=NodeRole.READER,
        state=NodeState.BEHIND,
        reason="it is 50 blocks behind the others",
        head=HEIGHT - 50,
        behind=50,
    )


async def test_inspect__every_role__is_looked_at() -> None:
    chain = Chain()
    send_only, relay = ScriptedNode(chain, name="send"), ScriptedNode(chain, name="relay")
    send_only.down = True
    relay.says["eth_chainId"] = RpcError("eth_chainId", -32601, "no such method", None)
    found = await pool_of(honest(1), send_only=[send_only], relays=[relay]).inspect()
    states = [(each.role, each.state) for each in found]
    assert states == [
        (NodeRole.READER, NodeState.HEALTHY),
        (NodeRole.SEND_ONLY, NodeState.FAILING),
        (NodeRole.RELAY, NodeState.HEALTHY),
    ]


async def test_log__state_changes__are_warned_of_once() -> None:
    clock, nodes = Clock(), honest(3)
    pool = pool_of(nodes, clock=clock)
    with capture_logs() as logs:
        await pool.view(ACCOUNT)
        nodes[0].down = True
        for _ in range(3):
            clock.now += 60
            await pool.view(ACCOUNT)
        nodes[0].down = False
        for _ in range(2):
            clock.now += 60
            await pool.view(ACCOUNT)
    changes = [(each["node"], each["state"], each["log_level"]) for each in logs]
    assert changes == [
        ("http://node0", "failing", "warning"),
        ("http://node0", "healthy", "warning"),
    ]


async def test_awake__resting_nodes__are_left_out() -> None:
    nodes = honest(3)
    nodes[0].down = True
    members = members_of(nodes)
    await members.compare()
    assert [each.shown_url for each in members.available()] == ["http://node1", "http://node2"]


async def test_chain_id__reader_that_does_not_tell_it__is_not_used() -> None:
    nodes = honest(2)
    nodes[0].says["eth_chainId"] = RpcError("eth_chainId", -32601, "no such method", None)
    pool = pool_of(nodes)
    await pool.view(ACCOUNT)
    assert {method for method, *_ in nodes[0].asked} == {"eth_chainId"}
    assert pool.health()[0].state is NodeState.FAILING
