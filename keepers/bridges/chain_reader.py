"""Reader of one chain for bridges: contracts, receipts and events over JSON-RPC."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from keepers.chain.codec import Call
from keepers.chain.node import Multicall3
from keepers.chain.responses import (
    GET_LOGS,
    GET_RECEIPT,
    as_bytes,
    as_object,
    as_quantity,
    read_logs,
    read_receipt,
)
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import ChainError

T = TypeVar("T")
CALL, HEAD = "eth_call", "eth_blockNumber"
MOST_BLOCKS = 5_000
"""Blocks of one request for events; nodes have different limits, and most allow this."""


class ChainReader:
    """Reader of one chain through one or several nodes; each method may raise a `ChainError`."""

    def __init__(self, node: Requests, multicall: str, reverts: Reverts) -> None:
        self._node = node
        self._multicall = Multicall3(multicall)
        self._reverts = reverts

    async def contract_block(self) -> int:
        """Return the newest block number as contracts see it; on Arbitrum that is Ethereum's."""
        return await self.read(self._multicall.block_number())

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return a receipt from the current chain, or None."""
        raw = await self._ask(GET_RECEIPT, transaction_hash)
        return None if raw is None else read_receipt(as_object(raw, GET_RECEIPT))

    async def logs(
        self, address: str, topics: Sequence[str | None], from_block: int
    ) -> Sequence[Log]:
        """Return a contract's events since a block, oldest first; None stands for any topic."""
        head = as_quantity(await self._ask(HEAD), HEAD)
        found: list[Log] = []
        for first in range(from_block, head + 1, MOST_BLOCKS):
            wanted = {
                "address": address,
                "topics": list(topics),
                "fromBlock": hex(first),
                "toBlock": hex(min(first + MOST_BLOCKS - 1, head)),
            }
            found += read_logs(await self._ask(GET_LOGS, wanted), GET_LOGS)
        return tuple(found)

    async def read(self, call: Call[T]) -> T:
        """Make a typed call at the newest block.

        Raises:
            CallRevertedError: The contract reverts.
            ContractMissingError: There is no contract at the address.
        """
        return call.read(await self.call(call.target, call.data))

    async def call(self, target: str, data: bytes) -> bytes:
        """Return the raw result of a call at the newest block; reverts are `CallRevertedError`."""
        request = {"to": target, "data": f"0x{data.hex()}"}
        return as_bytes(await self._ask(CALL, request, "latest"), CALL)

    async def _ask(self, method: str, *parameters: object) -> object:
        try:
            return await self._node.ask(method, *parameters)
        except RpcError as error:
            raise self._failure(error) from None

    def _failure(self, error: RpcError) -> ChainError:
        if error.method == CALL and error.is_revert:
            return self._reverts.read(error.data or b"")
        return error.refused()
