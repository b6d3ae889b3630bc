"""Pool of several nodes of one chain, for the transaction engine."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from eth_utils.crypto import keccak
from hexbytes import HexBytes

from keepers.chain.codec import ZERO_ADDRESS
from keepers.chain.node import Node
from keepers.chain.node_errors import SEND, kind_of
from keepers.chain.pool.agreement import (
    balance_of,
    nonce_of,
    pending_nonce,
    suggested_tip,
    tagged,
)
from keepers.chain.pool.calls import estimate_gas, explain_revert, simulate_call
from keepers.chain.pool.failover import FailoverReader
from keepers.chain.pool.inclusion import InclusionReader, find_spender
from keepers.chain.pool.member import NODE_ERRORS, Member, as_chain_error
from keepers.chain.pool.members import Members
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import ContractCall, NodeErrorKind, NodeHealth, NodeRole
from keepers.model.chain_view import (
    ChainView,
    Estimate,
    FeeMarket,
    SendAnswer,
)
from keepers.model.errors.chain import (
    BadAnswerError,
    ChainError,
    ChainUnreachableError,
    NoRelayError,
    WrongChainError,
)


async def send_to_all(members: Members, raw: str, *, public: bool) -> tuple[SendAnswer, ...]:
    """Send signed bytes to all nodes at once; only to the relays if not `public`.

    Raises:
        NoRelayError: Not `public`, and there is no relay.
    """
    targets = members.all if public else members.relays
    if not targets:
        raise NoRelayError
    return tuple(await asyncio.gather(*(_send(member, raw) for member in targets)))


async def _send(member: Member, raw: str) -> SendAnswer:
    async def work(requests: Requests) -> None:
        answer = await requests.ask(SEND, raw)
        # A relay may return its own id. The hash is always that of the bytes.
        if member.role is not NodeRole.RELAY and not _is_hash_of(answer, raw):
            raise BadAnswerError(SEND, "no hash, or a hash that differs from that of the bytes")

    try:
        await member.attempt(work)
    except NODE_ERRORS as error:
        return SendAnswer(member.shown_url, _kind(error), _text(error))
    return SendAnswer(member.shown_url, None)


def _is_hash_of(answer: object, raw: str) -> bool:
    expected = HexBytes(keccak(HexBytes(raw))).to_0x_hex()
    return isinstance(answer, str) and answer.lower() == expected


def _kind(error: ChainError | RpcError) -> NodeErrorKind:
    """Return the kind of an error; a node of another chain counts as unreachable."""
    return NodeErrorKind.TRANSPORT if isinstance(error, WrongChainError) else kind_of(error)


def _text(error: ChainError | RpcError) -> str:
    return error.message if isinstance(error, RpcError) else str(as_chain_error(error))


LeastGas: TypeAlias = Callable[[ContractCall], Awaitable[int]]
"""Minimum gas of a call; 0 if an estimate suffices."""


class NodePool(InclusionReader):
    """Nodes of a chain by agreement; one node serves calls, which only inform."""

    def __init__(
        self, members: Members, reverts: Reverts, least_gas: LeastGas | None = None
    ) -> None:
        """Set up the pool; `least_gas` returns the minimum gas of calls with too low estimates."""
        super().__init__(members)
        self._least_gas = least_gas
        # Multicall3 has no address here, since the pool makes no batches.
        self._best = Node(FailoverReader(members), members.chain_id, ZERO_ADDRESS, reverts)

    async def view(self, account: str) -> ChainView:
        """Return the state of the chain, with nonce and balance of an account by a quorum."""
        holding = await self._heads.latest()
        header, quorum = holding.header, self._members.quorum
        nonce, balance, pending, safe, finalized = await asyncio.gather(
            nonce_of(holding.members, quorum, account, header.number),
            balance_of(holding.members, quorum, account, header.number),
            pending_nonce(self._members.available(), account),
            tagged(holding.members, quorum, "safe"),
            tagged(holding.members, quorum, "finalized"),
        )
        return ChainView(
            head=header.head,
            gas_limit=header.gas_limit,
            nonce=nonce,
            pending_nonce=max(nonce, pending),
            balance=balance,
            safe=_no_newer(safe, header.number),
            finalized=_no_newer(finalized, header.number),
        )

    async def market(self) -> FeeMarket:
        """Return the base fee of the agreed head, and the median of the suggested tips."""
        holding, tip = await asyncio.gather(
            self._heads.latest(), suggested_tip(self._members.available())
        )
        return FeeMarket(holding.header.head.base_fee, tip)

    async def nonce_at(self, account: str, block: int) -> int:
        """Return the number of an account's included transactions up to a block, by a quorum."""
        holding = await self._heads.at(block)
        if holding is None:
            nodes = ", ".join(member.shown_url for member in self._members.available())
            raise ChainUnreachableError(nodes, f"block {block} is missing")
        return await nonce_of(holding.members, self._members.quorum, account, block)

    async def estimate(self, sender: str, call: ContractCall, value: int) -> Estimate:
        """Estimate the gas of a call, with an access list if that is cheaper."""
        found = await estimate_gas(self._best, sender, call, value)
        least = 0 if self._least_gas is None else await self._least_gas(call)
        return Estimate(max(found.gas, least), found.access_list)

    async def simulate(self, sender: str, call: ContractCall, value: int, gas: int) -> bytes:
        """Simulate a call at the head; return its result."""
        return await simulate_call(self._best, sender, call, value, gas)

    async def send(self, raw: str, *, public: bool = True) -> tuple[SendAnswer, ...]:
        """Send signed bytes to every node once; only to private relays if not `public`."""
        return await send_to_all(self._members, raw, public=public)

    async def block_hash(self, block: int) -> str | None:
        """Return the hash of a block of the current chain, by a quorum; None beyond its end."""
        return await self._heads.hash_at(block)

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """Return the transaction that used a nonce by a block, confirmed by a quorum."""
        found = await find_spender(self._best, account, nonce, block)
        if found is None or not await self.spent(found, account, nonce, block):
            return None
        return found

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Return why signed bytes reverted in a block, if a node can repeat them."""
        return await explain_revert(self._best, sender, raw, block)

    async def inspect(self) -> tuple[NodeHealth, ...]:
        """Check the chain and head of every node again, and return the states."""
        return await self._members.inspect()

    def health(self) -> tuple[NodeHealth, ...]:
        """Return the state of each node at its last request."""
        return self._members.health()


def _no_newer(block: int | None, head: int) -> int | None:
    """Limit a tagged block to the head, which was read earlier."""
    return None if block is None else min(block, head)
