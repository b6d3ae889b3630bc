"""The nodes of a chain as the settings name them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from keepers.adapters.chain.addresses import Token
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.pool import FailoverReader, Members, NodePool, PoolPolicy
from keepers.adapters.chain.pool.pool import LeastGas
from keepers.adapters.chain.pool.told import Told
from keepers.adapters.chain.reverts import Reverts
from keepers.adapters.chain.rpc import Rpc
from keepers.app.settings import ChainSettings
from keepers.domain.node_health import NodeRole

TOLD = Told()
"""What this process has said of its nodes: most have several pools of the same ones."""


@asynccontextmanager
async def members_of(chain: ChainSettings) -> AsyncGenerator[Members]:
    """All nodes of a chain, closed afterwards."""
    seconds = float(chain.request_timeout_seconds)
    policy = PoolPolicy(quorum=chain.quorum, request_seconds=seconds)
    async with AsyncExitStack() as stack:
        nodes: list[tuple[Rpc, NodeRole]] = []
        for role, urls in _urls(chain):
            for url in urls:
                rpc = Rpc(url, timeout=seconds)
                stack.push_async_callback(rpc.close)
                nodes.append((rpc, role))
        yield Members(nodes, chain.chain_id, policy, told=TOLD)


@asynccontextmanager
async def node_of(
    chain: ChainSettings, multicall3: str, tokens: Mapping[str, Token]
) -> AsyncGenerator[Node]:
    """Reads through the best of a chain's nodes, which are closed afterwards.

    Args:
        chain: Where the nodes are.
        multicall3: The contract that answers many reads at once.
        tokens: What errors call addresses.
    """
    async with members_of(chain) as members:
        yield Node(
            FailoverReader(members),
            chain.chain_id,
            multicall3,
            Reverts(tokens),
            is_checked=True,  # each node is, before it is first asked
        )


@asynccontextmanager
async def pool_of(
    chain: ChainSettings,
    reverts: Reverts,
    least_gas: Callable[[Members], LeastGas | None] | None = None,
) -> AsyncGenerator[NodePool]:
    """The transaction engine's `Nodes` of a chain, closed afterwards.

    Args:
        chain: Where the nodes are, and how many have to agree.
        reverts: How errors of contracts are read.
        least_gas: Makes what says how much gas a call must have, where estimates say too little.
    """
    async with members_of(chain) as members:
        yield NodePool(members, reverts, None if least_gas is None else least_gas(members))


def _urls(chain: ChainSettings) -> Sequence[tuple[NodeRole, list[str]]]:
    return (
        (NodeRole.READER, chain.rpc_urls),
        (NodeRole.SEND_ONLY, chain.send_only_urls),
        (NodeRole.RELAY, chain.private_relay_urls),
    )
