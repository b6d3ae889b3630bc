"""The nodes of a chain as the settings name them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from keepers.chain.addresses import Token
from keepers.chain.node import Node
from keepers.chain.pool import FailoverReader, Members, NodePool, PoolPolicy
from keepers.chain.pool.node_status import ReportedStates
from keepers.chain.pool.pool import LeastGas
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Rpc
from keepers.config import ChainSettings
from keepers.model.nodes import NodeRole

REPORTED = ReportedStates()
"""What this process has said of its nodes."""


@dataclass(slots=True)
class _Opened:
    """Nodes that are open, and how many use them."""

    members: Members
    rpcs: Sequence[Rpc]
    users: int = 0

    async def close(self) -> None:
        async with AsyncExitStack() as stack:
            for rpc in self.rpcs:
                stack.push_async_callback(rpc.close)
            await self.members.in_flight.close()


_opened: dict[Hashable, _Opened] = {}


@asynccontextmanager
async def members_of(chain: ChainSettings) -> AsyncGenerator[Members]:
    """All nodes of a chain. Everything in a process shares them; the last user closes them."""
    key = _key(chain)
    opened = _opened.get(key) or _opened.setdefault(key, _open(chain))
    opened.users += 1
    try:
        yield opened.members
    finally:
        opened.users -= 1
        if opened.users == 0:
            del _opened[key]
            await opened.close()


def _open(chain: ChainSettings) -> _Opened:
    seconds = float(chain.request_timeout_seconds)
    policy = PoolPolicy(quorum=chain.quorum, request_seconds=seconds)
    nodes = [(Rpc(url, timeout=seconds), role) for role, urls in _urls(chain) for url in urls]
    members = Members(nodes, chain.chain_id, policy, reported=REPORTED)
    return _Opened(members, [rpc for rpc, _ in nodes])


def _key(chain: ChainSettings) -> Hashable:
    """Return the identity of a set of nodes. Connections belong to an event loop."""
    urls = tuple((role, *named) for role, named in _urls(chain))
    loop = asyncio.get_running_loop()
    return loop, chain.chain_id, chain.quorum, float(chain.request_timeout_seconds), urls


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
