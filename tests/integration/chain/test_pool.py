"""The pool on real nodes: three anvils of one chain; one reorganises, lags, dies or lies."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AsyncExitStack, ExitStack

import pytest
import pytest_asyncio

from keepers.chain.pool import FailoverReader, Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.model.chain import (
    ContractCall,
    Fees,
    NodeErrorKind,
    NodeRole,
    NodeState,
    Signed,
    Unsigned,
)
from keepers.model.errors.chain import (
    CallRevertedError,
    NodesBehindError,
    NodesDisagreeError,
    WrongChainError,
)
from keepers.signing.local import LocalSigner
from scripts.network.accounts import test_account
from tests.integration.support.bare import CHAIN_ID, BareChain, bare_chain
from tests.integration.support.server import always, serving

GWEI = 10**9
START = 1_900_000_000
TARGET = "0x00000000000000000000000000000000DeaDBeef"
SENDER = LocalSigner(test_account(5))
CALL = ContractCall(TARGET, "0x")
REVERTING = "0x60006000fd"  # PUSH1 0 PUSH1 0 REVERT
READS_A_FOREIGN_SLOT = "0x600054600155"  # SSTORE(1, SLOAD(0))


def signed(nonce: int = 0) -> Signed:
    fees = Fees(100 * GWEI, GWEI)
    found = SENDER.sign(
        Unsigned(chain_id=CHAIN_ID, nonce=nonce, call=CALL, gas_limit=50_000, fees=fees, value=3)
    )
    assert isinstance(found, Signed)
    return found


class Nodes:
    """Anvils whose chains stay equal as long as they receive the same calls."""

    def __init__(self, chains: Sequence[BareChain]) -> None:
        self.chains = chains
        self.clock = START
        for chain in chains:
            chain.rpc("evm_setAutomine", False)

    def mine(self, *which: int) -> None:
        """Mine a block with all pending transactions, on all nodes or some."""
        self.clock += 12
        for index in which or range(len(self.chains)):
            chain = self.chains[index]
            chain.rpc("evm_setNextBlockTimestamp", self.clock)
            chain.rpc("evm_mine")


@pytest.fixture
def nodes() -> Generator[Nodes]:
    with ExitStack() as stack:
        found = Nodes([stack.enter_context(bare_chain(START)) for _ in range(3)])
        found.mine()
        yield found


PoolOf = Callable[..., NodePool]


@pytest_asyncio.fixture
async def rpcs() -> AsyncGenerator[Callable[[str], Rpc]]:
    """Function that opens connections, closed afterwards."""
    async with AsyncExitStack() as stack:

        def connect(url: str) -> Rpc:
            rpc = Rpc(url)
            stack.push_async_callback(rpc.close)
            return rpc

        yield connect


@pytest.fixture
def members_of(rpcs: Callable[[str], Rpc]) -> Callable[..., Members]:
    def make(*urls: str, relays: Sequence[str] = (), chain_id: int = CHAIN_ID) -> Members:
        each = [(rpcs(url), NodeRole.READER) for url in urls]
        each += [(rpcs(url), NodeRole.RELAY) for url in relays]
        return Members(each, chain_id, PoolPolicy(longest_backoff_seconds=0.0))

    return make


@pytest.fixture
def pool(nodes: Nodes, members_of: Callable[..., Members]) -> NodePool:
    return NodePool(members_of(*(chain.url for chain in nodes.chains)), Reverts({}))


async def test_pool__sent_to_all_and_mined__is_seen_by_a_quorum(
    nodes: Nodes, pool: NodePool
) -> None:
    bytes_ = signed()
    before = await pool.view(SENDER.address)
    answers = await pool.send(bytes_.raw)
    assert [each.problem for each in answers] == [None] * 3
    again = await pool.send(bytes_.raw)
    assert {each.problem for each in again} == {NodeErrorKind.ALREADY_KNOWN}
    waiting = await pool.view(SENDER.address)
    assert (waiting.nonce, waiting.pending_nonce) == (0, 1)
    assert await pool.knows(bytes_.transaction_hash)
    assert await pool.receipt(bytes_.transaction_hash) is None
    nodes.mine()
    after = await pool.view(SENDER.address)
    receipt = await pool.receipt(bytes_.transaction_hash)
    assert receipt is not None
    assert (after.nonce, after.head.number) == (1, before.head.number + 1)
    assert after.balance == before.balance - 3 - receipt.gas_used * receipt.effective_gas_price
    assert receipt.block_hash == after.head.block_hash
    assert await pool.block_hash(receipt.block_number) == receipt.block_hash
    assert await pool.nonce_at(SENDER.address, before.head.number) == 0
    assert await pool.spender(SENDER.address, 0, after.head.number) == bytes_.transaction_hash
    market = await pool.market()
    assert market.base_fee == after.head.base_fee
    assert market.tip > 0


async def test_pool__one_node_lags__its_old_nonce_does_not_count(
    nodes: Nodes, pool: NodePool
) -> None:
    bytes_ = signed()
    await pool.send(bytes_.raw)
    nodes.mine(0, 1)
    for _ in range(6):
        nodes.mine(0, 1)
    view = await pool.view(SENDER.address)
    assert view.nonce == 1
    assert await pool.receipt(bytes_.transaction_hash) is not None
    assert pool.health()[2].state is NodeState.BEHIND
    assert pool.health()[2].behind == 7


async def test_pool__one_node_reorgs__the_others_receipt_stands(
    nodes: Nodes, pool: NodePool
) -> None:
    bytes_ = signed()
    await pool.send(bytes_.raw)
    nodes.mine()
    nodes.chains[0].rpc("anvil_reorg", 1, [])
    receipt = await pool.receipt(bytes_.transaction_hash)
    view = await pool.view(SENDER.address)
    assert receipt is not None
    assert view.nonce == 1
    assert view.head.block_hash == receipt.block_hash


async def test_pool__all_nodes_reorg__nonce_and_receipt_are_gone(
    nodes: Nodes, pool: NodePool
) -> None:
    bytes_ = signed()
    await pool.send(bytes_.raw)
    nodes.mine()
    nodes.mine()
    before = await pool.view(SENDER.address)
    snapshot = nodes.clock - 12
    for chain in nodes.chains:
        chain.rpc("anvil_rollback", 2)
        chain.rpc("anvil_dropAllTransactions")
    nodes.clock = snapshot + 1
    nodes.mine()
    nodes.mine()
    after = await pool.view(SENDER.address)
    assert after.head.number == before.head.number
    assert after.head.block_hash != before.head.block_hash
    assert (before.nonce, after.nonce) == (1, 0)
    assert await pool.receipt(bytes_.transaction_hash) is None
    assert not await pool.knows(bytes_.transaction_hash)
    await pool.send(bytes_.raw)
    nodes.mine()
    assert await pool.receipt(bytes_.transaction_hash) is not None


async def test_pool__two_of_three_lose_blocks__waits(nodes: Nodes, pool: NodePool) -> None:
    nodes.mine()
    await pool.view(SENDER.address)
    for chain in nodes.chains[:2]:
        chain.rpc("anvil_rollback", 1)
    with pytest.raises(NodesBehindError):
        await pool.view(SENDER.address)


async def test_pool__three_chains__is_no_answer(nodes: Nodes, pool: NodePool) -> None:
    for index in range(3):
        for _ in range(9):
            nodes.mine(index)
    with pytest.raises(NodesDisagreeError):
        await pool.view(SENDER.address)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, b"slow down"),
        (503, b""),
        (408, b""),
        (200, b"<html>"),
        (200, b'{"jsonrpc": "2.0", "re'),
    ],
)
async def test_pool__one_server_fails__is_not_fatal(
    nodes: Nodes, members_of: Callable[..., Members], status: int, body: bytes
) -> None:
    with serving(always(status, body)) as broken:
        urls = [broken, nodes.chains[0].url, nodes.chains[1].url]
        pool = NodePool(members_of(*urls), Reverts({}))
        assert (await pool.view(SENDER.address)).nonce == 0
        answers = await pool.send(signed().raw)
    limited = NodeErrorKind.RATE_LIMITED if status == 429 else NodeErrorKind.TRANSPORT
    assert [each.problem for each in answers] == [limited, None, None]
    assert pool.health()[0].state is NodeState.FAILING


async def test_pool__other_chain__is_refused(
    nodes: Nodes, members_of: Callable[..., Members]
) -> None:
    urls = [chain.url for chain in nodes.chains]
    with pytest.raises(WrongChainError):
        await NodePool(members_of(*urls, chain_id=1), Reverts({})).view(SENDER.address)


async def test_pool__in_private__only_the_relay_has_it(
    nodes: Nodes, members_of: Callable[..., Members]
) -> None:
    first, second, relay = (chain.url for chain in nodes.chains)
    pool = NodePool(members_of(first, second, relays=[relay]), Reverts({}))
    (answer,) = await pool.send(signed().raw, public=False)
    assert (answer.node, answer.problem) == (relay, None)
    assert not await pool.knows(signed().transaction_hash)


async def test_pool__calls__are_estimated_and_reverts_told(nodes: Nodes, pool: NodePool) -> None:
    found = await pool.estimate(SENDER.address, CALL, 0)
    assert found.gas >= 21_000
    await pool.simulate(SENDER.address, CALL, 0, 30_000)
    for chain in nodes.chains:
        chain.rpc("anvil_setCode", TARGET, REVERTING)
    with pytest.raises(CallRevertedError):
        await pool.estimate(SENDER.address, CALL, 0)
    with pytest.raises(CallRevertedError):
        await pool.simulate(SENDER.address, CALL, 0, 30_000)


async def test_rpc__cancelled_at_any_moment__others_are_still_answered(
    nodes: Nodes, rpcs: Callable[[str], Rpc]
) -> None:
    for turns in range(20):
        several = [rpcs(nodes.chains[0].url).ask("eth_blockNumber") for _ in range(5)]
        requests = [asyncio.create_task(each) for each in several]
        for _ in range(turns):
            await asyncio.sleep(0)
        for request in requests:
            request.cancel()
        await asyncio.wait(requests)
    answer = rpcs(nodes.chains[0].url).ask("eth_blockNumber")
    assert await asyncio.wait_for(answer, 10) == "0x1"


async def test_reader__a_node_dies__goes_on_with_another(
    nodes: Nodes, members_of: Callable[..., Members]
) -> None:
    with bare_chain(START) as dying:
        reader = FailoverReader(members_of(dying.url, nodes.chains[0].url))
        await reader.ask("eth_blockNumber")
    assert int(await reader.ask("eth_blockNumber"), 16) == 1
