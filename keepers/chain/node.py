"""A node of one chain: headers, calls, batches of calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from keepers.chain.codec import Call, Contract, Method
from keepers.chain.node_errors import is_too_large
from keepers.chain.responses import GET_BLOCK, as_bytes, as_quantity, read_head
from keepers.chain.reverts import NO_REASON, Reverts
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import Head
from keepers.model.errors.chain import (
    BadAnswerError,
    CallRevertedError,
    ChainError,
    ChainUnreachableError,
    UnexplainedRevertError,
    WrongChainError,
)

T = TypeVar("T")
SMALLEST_HALVED = 2


class Multicall3(Contract):
    """Contract that makes many reads in one call, at the same address on nearly every chain."""

    aggregate3 = Method[[list[tuple[str, bool, bytes]]], list[tuple[bool, bytes]]](
        "aggregate3", lambda values: list(values[0])
    )
    """Calls as (target, may fail, data), answers as (succeeded, data)."""
    balance = Method[[str], int]("getEthBalance")
    """An account's balance in wei."""
    block_number = Method[[], int]("getBlockNumber")
    """The block number as contracts see it; on Arbitrum that is Ethereum's."""


@dataclass(frozen=True)
class CallAnswer:
    """Answer of one call of a batch."""

    succeeded: bool
    data: bytes


class Node:
    """Reads of one chain through one node, whose chain id is checked first."""

    def __init__(
        self,
        rpc: Requests,
        chain_id: int,
        multicall3: str,
        reverts: Reverts,
        *,
        is_checked: bool = False,
    ) -> None:
        """Set up the node; `is_checked` means that `rpc` checks the chain id itself."""
        self.rpc = rpc
        self.chain_id = chain_id
        self.multicall3 = Multicall3(multicall3)
        self.reverts = reverts
        self._checked = is_checked
        self._seen: Head | None = None

    async def ask(self, method: str, *params: object) -> Any:  # noqa: ANN401 - any JSON
        """Send a request; the first one is preceded by a check of the chain id.

        Raises:
            ChainUnreachableError, WrongChainError: The node is unreachable, or of another chain.
            CallRevertedError: A contract reverted.
            NodeRefusedError: The node refused the request.
        """
        if not self._checked:
            await self._check()
        try:
            return await self.rpc.ask(method, *params)
        except RpcError as error:
            if error.is_revert and error.data is None:
                text = f"contract refused: {error.message}"
                raise CallRevertedError(NO_REASON, (), text) from error
            if error.is_revert:
                raise self.reverts.read(error.data or b"") from error
            raise error.refused() from error

    async def head(self, block: int | None = None) -> Head:
        """Return a block's header, the newest by default."""
        tag = "latest" if block is None else hex(block)
        raw = await self.ask(GET_BLOCK, tag, False)  # noqa: FBT003 - JSON-RPC's own
        if raw is None:
            raise ChainUnreachableError(self.rpc.shown_url, f"it does not have block {tag}")
        self._seen = read_head(raw)
        return self._seen

    async def time_of(self, block: int) -> datetime:
        """Return a block's time; the last header read needs no request."""
        seen = self._seen
        if seen is None or seen.number != block:
            seen = await self.head(block)
        return seen.at

    async def quantity(self, method: str, *params: object) -> int:
        """Send a request whose answer is a number."""
        return as_quantity(await self.ask(method, *params), method)

    async def code(self, address: str, tag: str = "latest") -> bytes:
        """Return the code at an address."""
        return as_bytes(await self.ask("eth_getCode", address, tag), "eth_getCode")

    async def read(self, call: Call[T], block: int | None = None, gas: int | None = None) -> T:
        """Make one call at a block, the newest by default, with an optional gas limit."""
        request = {"to": call.target, "data": f"0x{call.data.hex()}"}
        if gas is not None:
            request["gas"] = hex(gas)
        tag = "latest" if block is None else hex(block)
        try:
            answer = await self.ask("eth_call", request, tag)
        except CallRevertedError as error:
            if error.error != NO_REASON:
                raise
            known = call.function
            raise UnexplainedRevertError(known.contract, known.name, call.target) from error
        return call.read(as_bytes(answer, "eth_call"))

    async def aggregate_in_halves(self, calls: Sequence[Call[Any]], block: int) -> list[CallAnswer]:
        """Make all calls at one block, in halves if one request is too large for the node."""
        try:
            return await self.aggregate(calls, block)
        except ChainError as error:
            if len(calls) < SMALLEST_HALVED or not is_too_large(error):
                raise
        middle = len(calls) // 2
        first = await self.aggregate_in_halves(calls[:middle], block)
        return [*first, *await self.aggregate_in_halves(calls[middle:], block)]

    async def aggregate(
        self, calls: Sequence[Call[Any]], block: int, gas: int | None = None
    ) -> list[CallAnswer]:
        """Make all calls in one request at one block; each answer has its own success flag.

        Args:
            calls: The calls.
            block: The block.
            gas: Gas limit of all calls together; the node's own by default.
        """
        wanted = [(call.target, True, call.data) for call in calls]
        answers = await self.read(self.multicall3.aggregate3(wanted), block, gas)
        if len(answers) != len(calls):
            raise BadAnswerError("eth_call", f"{len(answers)} results of {len(calls)} calls")
        return [CallAnswer(succeeded, data) for succeeded, data in answers]

    async def _check(self) -> None:
        try:
            actual = as_quantity(await self.rpc.ask("eth_chainId"), "eth_chainId")
        except RpcError as error:
            raise error.refused() from error
        if actual != self.chain_id:
            raise WrongChainError(self.rpc.shown_url, self.chain_id, actual)
        self._checked = True
