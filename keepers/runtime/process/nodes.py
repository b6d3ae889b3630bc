"""Nodes of a chain, as configured."""

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
from keepers.model.chain import NodeRole

NO_CONTRACT = "0x" + "00" * 20
"""Address without code."""

REPORTED = ReportedStates()
"""Node states that this process has reported."""


@dataclass(slots=True)
class _Opened:
    """Open nodes, with the number of their users."""

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
    """Open all nodes of a chain, shared within a process; the last user closes them."""
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
    """Return the key of a set of nodes; connections belong to one event loop."""
    urls = tuple((role, *named) for role, named in _urls(chain))
    loop = asyncio.get_running_loop()
    return loop, chain.chain_id, chain.quorum, float(chain.request_timeout_seconds), urls


def node_over(
    members: Members, chain: ChainSettings, multicall3: str, tokens: Mapping[str, Token]
) -> Node:
    """Return a reader over the best of a chain's open nodes.

    Args:
        members: The nodes.
        chain: The chain's settings.
        multicall3: Address of the contract for batched reads.
        tokens: Names of addresses in errors.
    """
    return Node(
        FailoverReader(members),
        chain.chain_id,
        multicall3,
        Reverts(tokens),
        is_checked=True,  # each node is checked before its first request
    )


@asynccontextmanager
async def node_of(
    chain: ChainSettings, multicall3: str, tokens: Mapping[str, Token]
) -> AsyncGenerator[Node]:
    """Open a chain's nodes for reads, as in `node_over`, and close them at the end."""
    async with members_of(chain) as members:
        yield node_over(members, chain, multicall3, tokens)


@asynccontextmanager
async def pool_of(
    chain: ChainSettings,
    reverts: Reverts,
    least_gas: Callable[[Members], LeastGas | None] | None = None,
) -> AsyncGenerator[NodePool]:
    """Open the transaction engine's `Nodes` of a chain, and close them at the end.

    Args:
        chain: The chain's settings.
        reverts: Decoder of contract errors.
        least_gas: Returns the minimum gas of calls whose estimates are too low.
    """
    async with members_of(chain) as members:
        yield NodePool(members, reverts, None if least_gas is None else least_gas(members))


def _urls(chain: ChainSettings) -> Sequence[tuple[NodeRole, list[str]]]:
    return (
        (NodeRole.READER, chain.rpc_urls),
        (NodeRole.SEND_ONLY, chain.send_only_urls),
        (NodeRole.RELAY, chain.private_relay_urls),
    )
