"""A node of one chain: headers, calls, batches of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from keepers.adapters.chain.codec import Call
from keepers.adapters.chain.contracts.multicall3 import Multicall3
from keepers.adapters.chain.reverts import Reverts
from keepers.adapters.chain.rpc import Rpc, RpcError
from keepers.domain.chain import Head
from keepers.domain.errors_chain import CallRevertedError, ChainUnreachableError, WrongChainError

T = TypeVar("T")


@dataclass(frozen=True)
class Answer:
    """What one call of a batch answered."""

    succeeded: bool
    data: bytes


class Node:
    """Reads of one chain through one node, whose chain id was checked first."""

    def __init__(self, rpc: Rpc, chain_id: int, multicall3: str, reverts: Reverts) -> None:
        self.rpc = rpc
        self.chain_id = chain_id
        self.multicall3 = Multicall3(multicall3)
        self.reverts = reverts
        self._checked = False

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - what the node says
        """One request; the first one is preceded by a look at the chain's id.

        Raises:
            ChainUnreachableError, WrongChainError: Nobody there, or somebody else.
            CallRevertedError: A contract said no.
            NodeRefusedError: The node said no.
        """
        if not self._checked:
            await self._check()
        try:
            return await self.rpc.ask(method, *params)
        except RpcError as error:
            if error.is_revert and error.data is None:
                raise CallRevertedError(error.message) from error
            if error.is_revert:
                raise self.reverts.read(error.data or b"") from error
            raise error.refused() from error

    async def head(self, block: int | None = None) -> Head:
        """A block's header, the newest by default."""
        tag = "latest" if block is None else hex(block)
        header = await self.ask("eth_getBlockByNumber", tag, False)  # noqa: FBT003 - JSON-RPC's own
        if header is None:
            raise ChainUnreachableError(self.rpc.shown_url, f"it does not have block {tag}")
        return Head(
            number=int(header["number"], 16),
            block_hash=header["hash"],
            at=datetime.fromtimestamp(int(header["timestamp"], 16), UTC),
            base_fee=int(header.get("baseFeePerGas", "0x0"), 16),
        )

    async def code(self, address: str, tag: str = "latest") -> bytes:
        """The code at an address."""
        return bytes.fromhex((await self.ask("eth_getCode", address, tag))[2:])

    async def read(self, call: Call[T], block: int) -> T:
        """One call at a block."""
        request = {"to": call.target, "data": f"0x{call.data.hex()}"}
        answer = await self.ask("eth_call", request, hex(block))
        return call.read(bytes.fromhex(answer[2:]))

    async def aggregate(self, calls: Sequence[Call[Any]], block: int) -> list[Answer]:
        """All calls in one request at one block; those that revert say so."""
        wanted = [(call.target, True, call.data) for call in calls]
        answers = await self.read(self.multicall3.aggregate3(wanted), block)
        return [Answer(succeeded, data) for succeeded, data in answers]

    async def _check(self) -> None:
        try:
            actual = int(await self.rpc.ask("eth_chainId"), 16)
        except RpcError as error:
            raise error.refused() from error
        if actual != self.chain_id:
            raise WrongChainError(self.rpc.shown_url, self.chain_id, actual)
        self._checked = True
