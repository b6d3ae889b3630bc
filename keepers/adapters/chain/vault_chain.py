"""One vault on one chain, read and written by one keeper."""

from __future__ import annotations

from dataclasses import dataclass

from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.receipts import read_receipt
from keepers.adapters.chain.snapshot import read_snapshot
from keepers.domain.chain import ContractCall, Fees, Receipt
from keepers.domain.errors_chain import CallRevertedError, FeeAboveCapError
from keepers.domain.vault import VaultSnapshot

BASE_FEE_HEADROOM = 2
"""The base fee can double in six full blocks; what is not needed is not paid."""


@dataclass(frozen=True)
class VaultChain:
    """The engine's `Chain`.

    Attributes:
        node: Where to read and write.
        addresses: The vault's contracts.
        name: The vault's name in the configuration.
        keeper: The account that acts, if one does.
        maximum_fee: The most that a unit of gas may cost, in wei.
        maximum_priority_fee: The most of it that may be a tip.
    """

    node: Node
    addresses: Addresses
    name: str
    keeper: str | None
    maximum_fee: int
    maximum_priority_fee: int

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault at a block, the newest by default."""
        return await read_snapshot(
            self.node, self.addresses, name=self.name, keeper=self.keeper, block=block
        )

    async def fees(self) -> Fees:
        """Fees with room for a rising base fee, capped.

        Raises:
            FeeAboveCapError: The present base fee alone is above the cap.
        """
        base = (await self.node.head()).base_fee
        if base > self.maximum_fee:
            raise FeeAboveCapError(base, self.maximum_fee)
        tip = int(await self.node.ask("eth_maxPriorityFeePerGas"), 16)
        tip = min(tip, self.maximum_priority_fee, self.maximum_fee - base)
        return Fees(min(BASE_FEE_HEADROOM * base + tip, self.maximum_fee), tip)

    async def nonce(self, account: str, *, pending: bool = False, block: int | None = None) -> int:
        """How many transactions of an account are included, at a block, or under way as well."""
        tag = "pending" if pending else "latest" if block is None else hex(block)
        return int(await self.node.ask("eth_getTransactionCount", account, tag), 16)

    async def estimate_gas(self, sender: str, call: ContractCall) -> int:
        """Gas that a call takes; raises `CallRevertedError` if it would revert."""
        request = {"from": sender, "to": call.target, "data": call.calldata}
        return int(await self.node.ask("eth_estimateGas", request), 16)

    async def send(self, raw: str) -> None:
        """Hand bytes to the node, once."""
        await self.node.ask("eth_sendRawTransaction", raw)

    async def knows(self, transaction_hash: str) -> bool:
        """Whether the node has a transaction, included or not."""
        return await self.node.ask("eth_getTransactionByHash", transaction_hash) is not None

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt, if the transaction is included."""
        raw = await self.node.ask("eth_getTransactionReceipt", transaction_hash)
        return None if raw is None else read_receipt(raw, self.addresses.controller)

    async def head(self) -> int:
        """The newest block's number."""
        return int(await self.node.ask("eth_blockNumber"), 16)

    async def revert_reason(self, sender: str, call: ContractCall, block: int) -> str:
        """Why a call reverts on the state before a block, as far as a repetition says."""
        request = {"from": sender, "to": call.target, "data": call.calldata}
        try:
            await self.node.ask("eth_call", request, hex(block - 1))
        except CallRevertedError as error:
            return str(error)
        return "reverted; a repetition succeeds: out of gas, or the state had changed"
