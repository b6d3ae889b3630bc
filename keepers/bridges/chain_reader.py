"""`ChainReader` over JSON-RPC."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from eth_utils.address import to_checksum_address

from keepers.bridges.bytes32 import decoded, selector
from keepers.chain.responses import (
    GET_RECEIPT,
    as_bytes,
    as_list,
    as_object,
    as_quantity,
    as_text,
    read_receipt,
)
from keepers.chain.reverts import Reverts
from keepers.chain.rpc import Requests, RpcError
from keepers.model.chain import Log, Receipt
from keepers.model.errors.chain import BadAnswerError, ChainError

CALL, LOGS, HEAD = "eth_call", "eth_getLogs", "eth_blockNumber"
BLOCK_NUMBER = selector("getBlockNumber()")
MOST_BLOCKS = 5_000
"""Of one question for events; nodes differ in what they admit, and this is admitted widely."""


class RpcChainReader:
    """Reads through whoever answers requests: a node, or several that stand in for each other."""

    def __init__(self, node: Requests, multicall: str, reverts: Reverts) -> None:
        self._node = node
        self._multicall = multicall
        self._reverts = reverts

    async def contract_block(self) -> int:
        """Multicall3 says what contracts see, which on Arbitrum is Ethereum's block."""
        answer = await self.call(self._multicall, BLOCK_NUMBER)
        (number,) = decoded(["uint256"], answer, "Multicall3", self._multicall)
        return number

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now."""
        raw = await self._ask(GET_RECEIPT, transaction_hash)
        return None if raw is None else read_receipt(as_object(raw, GET_RECEIPT))

    async def logs(
        self, address: str, topics: Sequence[str | None], from_block: int
    ) -> Sequence[Log]:
        """Events of a contract, asked for in parts, oldest first."""
        head = as_quantity(await self._ask(HEAD), HEAD)
        found: list[Log] = []
        for first in range(from_block, head + 1, MOST_BLOCKS):
            wanted = {
                "address": address,
                "topics": list(topics),
                "fromBlock": hex(first),
                "toBlock": hex(min(first + MOST_BLOCKS - 1, head)),
            }
            found += [_log(each) for each in as_list(await self._ask(LOGS, wanted), LOGS)]
        return tuple(found)

    async def call(self, target: str, data: bytes) -> bytes:
        """What a contract answers at the newest block."""
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


def _log(raw: object) -> Log:
    fields: Mapping[str, Any] = as_object(raw, LOGS)
    topics = (as_bytes(each, LOGS) for each in as_list(fields.get("topics"), LOGS))
    try:
        address = to_checksum_address(as_text(fields.get("address"), LOGS))
    except ValueError:
        raise BadAnswerError(LOGS, "an event of no address") from None
    return Log(
        address=address,
        topics=tuple(f"0x{each.hex()}" for each in topics),
        data=f"0x{as_bytes(fields.get('data'), LOGS).hex()}",
    )


class Clock(Protocol):
    """Time, which tests set."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from any beginning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class ChainReader(Protocol):
    """One chain, as bridges look at it; every method may raise a `ChainError`."""

    async def contract_block(self) -> int:
        """The number that contracts see as the newest block's: on Arbitrum it is Ethereum's."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now; None without one."""
        ...

    async def logs(
        self, address: str, topics: Sequence[str | None], from_block: int
    ) -> Sequence[Log]:
        """Events of a contract since a block, oldest first; None stands for any topic."""
        ...

    async def call(self, target: str, data: bytes) -> bytes:
        """What a contract answers; raises `CallRevertedError` if it reverts."""
        ...
