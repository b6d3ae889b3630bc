"""Tests of the pool's head: the highest block that a quorum has; it never goes back."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from keepers.chain.pool import PoolPolicy
from keepers.chain.rpc import RpcError
from keepers.model.chain import Head
from keepers.model.chain_view import ChainView
from keepers.model.errors.chain import (
    ChainUnreachableError,
    NodesBehindError,
    NodesDisagreeError,
    NoQuorumError,
)
from tests.unit.chain.pool.scripted import (
    ACCOUNT,
    BALANCE,
    BASE_FEE,
    EPOCH,
    FINALIZED,
    GAS_LIMIT,
    HEIGHT,
    SAFE,
    SILENT,
    Chain,
    honest,
    pool_of,
)


def view_of(chain: Chain, height: int = HEIGHT) -> ChainView:
    """Return the view of honest nodes at a height."""
    head = Head(height, chain.hash(height), datetime.fromtimestamp(EPOCH + height, UTC), BASE_FEE)
    return ChainView(
        head=head,
        gas_limit=GAS_LIMIT,
        nonce=height // 10,
        pending_nonce=height // 10,
        balance=BALANCE,
        safe=height - SAFE,
        finalized=height - FINALIZED,
    )


@pytest.mark.parametrize("count", [1, 2, 3, 5])
async def test_view__nodes_agree__is_what_they_say(count: int) -> None:
    nodes = honest(count)
    assert await pool_of(nodes).view(ACCOUNT) == view_of(nodes[0].chain)


async def test_view__one_of_three_lags_and_tells_an_old_nonce__does_not_count() -> None:
    nodes = honest(3)
    nodes[0].height = HEIGHT - 50
    assert await pool_of(nodes).view(ACCOUNT) == view_of(nodes[1].chain)


async def test_view__one_of_two_lags__the_other_is_the_head() -> None:
    nodes = honest(2)
    nodes[0].height = HEIGHT - 50
    assert await pool_of(nodes).view(ACCOUNT) == view_of(nodes[1].chain)


async def test_view__one_is_ahead__the_head_is_what_two_have() -> None:
    nodes = honest(3)
    nodes[2].height = HEIGHT + 7

    def count(account: str, tag: str) -> str:
        del account
        return "0x63" if tag == "pending" else "0xa"

    nodes[2].says["eth_getTransactionCount"] = count
    found = await pool_of(nodes).view(ACCOUNT)
    assert (found.head.number, found.nonce) == (HEIGHT, 10)
    assert found.pending_nonce == 99, "the most that a node knows of"


async def test_view__last_blocks_differ__is_the_block_below_that_they_share() -> None:
    common, other = Chain(), Chain([(0, "a"), (HEIGHT - 1, "b")])
    nodes = [*honest(1, common), *honest(1, other)]
    found = await pool_of(nodes).view(ACCOUNT)
    assert found.head.number == HEIGHT - 2


async def test_view__nothing_in_common__is_an_error() -> None:
    nodes = [node for fork in "abc" for node in honest(1, Chain([(0, fork)]))]
    with pytest.raises(NodesDisagreeError):
        await pool_of(nodes).view(ACCOUNT)


async def test_view__the_only_node_is_down__is_its_own_error() -> None:
    (node,) = honest(1)
    node.down = True
    with pytest.raises(ChainUnreachableError):
        await pool_of([node]).view(ACCOUNT)


async def test_view__two_of_three_are_down__says_which_and_why() -> None:
    nodes = honest(3)
    nodes[0].down = nodes[1].down = True
    with pytest.raises(NoQuorumError) as raised:
        await pool_of(nodes).view(ACCOUNT)
    assert (raised.value.needed, raised.value.answered) == (2, 1)
    assert "http://node0" in str(raised.value)
    assert "http://node1" in str(raised.value)


async def test_view__who_had_the_head_is_down__waits_instead_of_going_back() -> None:
    nodes = honest(3)
    nodes[0].height = HEIGHT - 5
    pool = pool_of(nodes)
    await pool.view(ACCOUNT)
    nodes[1].down = True
    with pytest.raises(NodesBehindError) as raised:
        await pool.view(ACCOUNT)
    assert (raised.value.agreed, raised.value.offered) == (HEIGHT, HEIGHT - 5)
    nodes[0].height = HEIGHT
    assert (await pool.view(ACCOUNT)).head.number == HEIGHT


async def test_view__reorg_at_the_same_height__is_followed() -> None:
    nodes = honest(3)
    pool = pool_of(nodes)
    await pool.view(ACCOUNT)
    nodes[0].chain.forks.append((HEIGHT - 3, "b"))
    assert (await pool.view(ACCOUNT)).head.block_hash == nodes[0].chain.hash(HEIGHT)


async def test_view__reorg_to_a_lower_head__is_followed_because_a_block_changed() -> None:
    nodes = honest(3)
    pool = pool_of(nodes)
    nodes[0].height = nodes[1].height = HEIGHT - 4
    await pool.view(ACCOUNT)
    nodes[0].height = nodes[1].height = HEIGHT
    await pool.view(ACCOUNT)
    nodes[0].chain.forks.append((HEIGHT - 6, "b"))
    for node in nodes:
        node.height = HEIGHT - 2
    found = await pool.view(ACCOUNT)
    assert found.head.block_hash == nodes[0].chain.hash(HEIGHT - 2)


async def test_view__a_lying_minority_names_another_lower_chain__is_not_followed() -> None:
    nodes = honest(3)
    pool = pool_of(nodes)
    await pool.view(ACCOUNT)
    nodes[0].chain = Chain([(0, "b")])
    nodes[0].height = HEIGHT - 1
    assert (await pool.view(ACCOUNT)).head.block_hash == nodes[1].chain.hash(HEIGHT)


UNKNOWN_TAG = RpcError("eth_getBlockByNumber", -32602, "invalid block tag", None)
NO_SUCH_BLOCK = RpcError("eth_getBlockByNumber", -39001, "finalized block not found", None)


@pytest.mark.parametrize("answer", [UNKNOWN_TAG, NO_SUCH_BLOCK, None])
async def test_view__tag_is_not_known__has_none(answer: object) -> None:
    nodes = honest(3)
    for node in nodes:
        node.say_of_tag("finalized", answer)
    found = await pool_of(nodes).view(ACCOUNT)
    assert (found.safe, found.finalized) == (HEIGHT - SAFE, None)


async def test_view__one_node_calls_too_much_final__does_not_count() -> None:
    nodes = honest(3)
    nodes[0].say_of_tag("finalized", nodes[0].chain.block(HEIGHT))
    assert (await pool_of(nodes).view(ACCOUNT)).finalized == HEIGHT - FINALIZED


async def test_view__of_two_nodes__the_lower_final_block_counts() -> None:
    nodes = honest(2)
    nodes[0].say_of_tag("finalized", nodes[0].chain.block(3))
    assert (await pool_of(nodes).view(ACCOUNT)).finalized == 3


async def test_view__tag_beyond_the_head__is_the_head() -> None:
    (node,) = honest(1)
    node.say_of_tag("safe", node.chain.block(HEIGHT + 9))
    assert (await pool_of([node]).view(ACCOUNT)).safe == HEIGHT


async def test_view__tag_by_too_few__is_an_error() -> None:
    nodes = honest(3)
    nodes[0].say_of_tag("safe", None)
    nodes[1].say_of_tag("safe", ChainUnreachableError("http://node1", "TimeoutError"))
    with pytest.raises(NodesDisagreeError, match="safe block"):
        await pool_of(nodes).view(ACCOUNT)


async def test_view__silent_node__holds_up_once_and_is_then_left_alone() -> None:
    nodes = honest(3)
    nodes[0].says["eth_getBlockByNumber"] = SILENT
    pool = pool_of(nodes, policy=PoolPolicy(request_seconds=0.05))
    assert await pool.view(ACCOUNT) == view_of(nodes[1].chain)
    asked = len(nodes[0].asked)
    await pool.view(ACCOUNT)
    assert len(nodes[0].asked) == asked


async def test_nonce__quorum_has_answered__nobody_is_waited_for() -> None:
    nodes = honest(3)
    nodes[0].says["eth_getTransactionCount"] = SILENT
    pool = pool_of(nodes, policy=PoolPolicy(request_seconds=1000))
    assert await asyncio.wait_for(pool.nonce_at(ACCOUNT, 57), 10) == 5


async def test_nonce__node_without_the_block__is_not_asked() -> None:
    nodes = honest(3)
    nodes[0].height = 50
    assert await pool_of(nodes).nonce_at(ACCOUNT, 99) == 9
    assert nodes[0].count("eth_getTransactionCount") == 0


async def test_nonce__of_a_block_that_nobody_has__is_an_error() -> None:
    with pytest.raises(ChainUnreachableError, match="block 101 is missing"):
        await pool_of(honest(3)).nonce_at(ACCOUNT, HEIGHT + 1)


async def test_nonce__two_nodes_differ__is_an_error() -> None:
    nodes = honest(2)
    nodes[0].says["eth_getTransactionCount"] = "0x1"
    with pytest.raises(NodesDisagreeError, match="nonce"):
        await pool_of(nodes).nonce_at(ACCOUNT, 50)


async def test_block_hash__by_quorum__none_beyond_the_end() -> None:
    nodes = honest(3)
    nodes[0].chain = Chain([(0, "b")])
    nodes[2].height = HEIGHT - 1
    pool = pool_of(nodes)
    assert await pool.block_hash(HEIGHT - 1) == nodes[1].chain.hash(HEIGHT - 1)
    assert await pool.block_hash(HEIGHT + 1) is None
    with pytest.raises(NodesDisagreeError):
        await pool.block_hash(HEIGHT)


async def test_block_hash__error_instead_of_nothing__is_nothing() -> None:
    (node,) = honest(1)
    refusal = RpcError("eth_getBlockByNumber", -32000, "header not found", None)
    node.says["eth_getBlockByNumber"] = refusal
    assert await pool_of([node]).block_hash(3) is None


async def test_market__tips_differ__is_the_middle_one() -> None:
    nodes = honest(3)
    for node, tip in zip(nodes, ("0x1", "0xffffffffff", "0x3"), strict=True):
        node.says["eth_maxPriorityFeePerGas"] = tip
    found = await pool_of(nodes).market()
    assert (found.base_fee, found.tip) == (BASE_FEE, 3)


async def test_view__lags_above_a_block_known_before__is_no_reorg() -> None:
    nodes = honest(3)
    pool = pool_of(nodes)
    for height in (HEIGHT - 4, HEIGHT):
        for node in nodes:
            node.height = height
        await pool.view(ACCOUNT)
    for node in nodes:
        node.height = HEIGHT - 2
    with pytest.raises(NodesBehindError):
        await pool.view(ACCOUNT)


async def test_view__lags_after_a_reorg__is_not_taken_for_another_one() -> None:
    nodes = honest(3)
    pool = pool_of(nodes)
    for height in (HEIGHT - 4, HEIGHT):
        for node in nodes:
            node.height = height
        await pool.view(ACCOUNT)
    nodes[0].chain.forks.append((HEIGHT - 10, "b"))
    await pool.view(ACCOUNT)
    for node in nodes:
        node.height = HEIGHT - 4
    with pytest.raises(NodesBehindError):
        await pool.view(ACCOUNT)


async def test_view__pending_nonce_lags__is_at_least_the_nonce() -> None:
    (node,) = honest(1)

    def count(account: str, tag: str) -> str:
        del account
        return "0x1" if tag == "pending" else "0xa"

    node.says["eth_getTransactionCount"] = count
    assert (await pool_of([node]).view(ACCOUNT)).pending_nonce == 10


async def test_block_hash__node_answers_another_block__is_nothing() -> None:
    (node,) = honest(1)
    node.says["eth_getBlockByNumber"] = node.chain.block(HEIGHT)
    assert await pool_of([node]).block_hash(57) is None
