"""Nodes in memory: each has a chain up to a height, and may lie, fail or not respond."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from keepers.chain.pool import Members, NodePool, PoolPolicy
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import RpcError
from keepers.model.chain import NodeRole
from keepers.model.errors.chain import ChainUnreachableError
from keepers.transactions.ports import Nodes

ACCOUNT = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
BASE_FEE, GAS_LIMIT, BALANCE = 7, 30_000_000, 10**18
HEIGHT = 100
EPOCH = 1_700_000_000
FINALIZED, SAFE = 20, 10
"""Depth of a node's tags below its head, in blocks."""


class Clock:
    """Clock in seconds that a test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass
class Chain:
    """Chain whose hashes name their fork; the account sends a transaction in every tenth block.

    Attributes:
        forks: First block of each fork, and the hexadecimal digit with which its hashes begin.
    """

    forks: list[tuple[int, str]] = field(default_factory=lambda: [(0, "a")])

    def hash(self, number: int) -> str:
        letter = [fork for start, fork in self.forks if start <= number][-1]
        return f"0x{letter}{number:063x}"

    def block(self, number: int) -> dict[str, Any]:
        return {
            "number": hex(number),
            "hash": self.hash(number),
            "parentHash": self.hash(number - 1) if number else "0x" + "00" * 32,
            "timestamp": hex(EPOCH + number),
            "baseFeePerGas": hex(BASE_FEE),
            "gasLimit": hex(GAS_LIMIT),
        }

    @staticmethod
    def nonce(number: int) -> int:
        return number // 10


class ScriptedNode:
    """Node at a height of a chain; `says` replaces its answers by method.

    A value in `says` is returned as it is, raised if it is an error, and called with the parameters
    if it is a function; `SILENT` never responds.
    """

    def __init__(self, chain: Chain, height: int = HEIGHT, name: str = "node", **says: Any) -> None:
        self.shown_url = f"http://{name}"
        self.chain = chain
        self.height = height
        self.down = False
        self.says: dict[str, Any] = says
        self.asked: list[tuple[Any, ...]] = []

    async def ask(self, method: str, *params: Any) -> Any:
        self.asked.append((method, *params))
        if self.down:
            raise ChainUnreachableError(self.shown_url, "ClientConnectorError")
        usual = {
            "eth_chainId": "0x1",
            "eth_getBlockByNumber": self.block,
            "eth_getTransactionCount": self._count,
            "eth_getBalance": hex(BALANCE),
        }
        if method not in self.says and method not in usual:
            raise RpcError(method, -32601, "the method does not exist", None)
        said = self.says[method] if method in self.says else usual[method]
        if callable(said):
            said = said(*params)
        if said is SILENT:
            await asyncio.Event().wait()
        if isinstance(said, Exception):
            raise said
        return said

    def count(self, method: str) -> int:
        return sum(1 for each in self.asked if each[0] == method)

    def say_of_tag(self, tag: str, answer: object) -> None:
        """Set the answer to requests for the block of a tag."""

        def block(asked: str, full: bool) -> object:
            return answer if asked == tag else self.block(asked, full)

        self.says["eth_getBlockByNumber"] = block

    def block(self, tag: str, full: bool) -> Any:
        """Return the default answer for a block."""
        del full
        named = {"latest": 0, "safe": SAFE, "finalized": FINALIZED}
        number = self.height - named[tag] if tag in named else int(tag, 16)
        return self.chain.block(number) if number <= self.height else None

    def _count(self, account: str, tag: str) -> str:
        del account
        if tag == "pending":
            return hex(self.chain.nonce(self.height))
        if int(tag, 16) > self.height:
            # Some nodes answer with the state of their head for a block that they do not have.
            return hex(self.chain.nonce(self.height))
        return hex(self.chain.nonce(int(tag, 16)))


SILENT = object()


def honest(count: int, chain: Chain | None = None, height: int = HEIGHT) -> list[ScriptedNode]:
    chain = chain or Chain()
    return [ScriptedNode(chain, height, f"node{index}") for index in range(count)]


def members_of(
    readers: Sequence[ScriptedNode],
    *,
    send_only: Sequence[ScriptedNode] = (),
    relays: Sequence[ScriptedNode] = (),
    policy: PoolPolicy | None = None,
    clock: Clock | None = None,
) -> Members:
    nodes = [
        *((node, NodeRole.READER) for node in readers),
        *((node, NodeRole.SEND_ONLY) for node in send_only),
        *((node, NodeRole.RELAY) for node in relays),
    ]
    return Members(nodes, 1, policy or PoolPolicy(), clock or Clock())


def pool_of(readers: Sequence[ScriptedNode], **options: Any) -> NodePool:
    pool = NodePool(members_of(readers, **options), Reverts({}))
    port: Nodes = pool  # verified by the type checker
    assert port is pool
    return pool
