"""One vault on one chain, read and written by one keeper."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keepers.adapters.chain.addresses import Addresses
from keepers.adapters.chain.explaining import explain_revert
from keepers.adapters.chain.headers import GET_BLOCK
from keepers.adapters.chain.limits import read_keepers
from keepers.adapters.chain.node import Node
from keepers.adapters.chain.receipts import GET_RECEIPT, GET_TRANSACTION, read_price, read_receipt
from keepers.adapters.chain.snapshot import read_snapshot
from keepers.adapters.chain.spender import find_spender
from keepers.adapters.chain.typed import as_object, as_text
from keepers.domain.chain import ContractCall, Fees, Receipt
from keepers.domain.errors_chain import FeeAboveCapError
from keepers.domain.limits import KeeperLimits
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

    async def limits(self, keepers: Sequence[str], block: int) -> tuple[KeeperLimits, ...]:
        """What several keepers may move."""
        return await read_keepers(self.node, self.addresses.controller, keepers, block)

    async def fees(self) -> Fees:
        """Fees with room for a rising base fee, capped.

        Raises:
            FeeAboveCapError: The present base fee alone is above the cap.
        """
        base = (await self.node.head()).base_fee
        if base > self.maximum_fee:
            raise FeeAboveCapError(base, self.maximum_fee)
        tip = await self.node.quantity("eth_maxPriorityFeePerGas")
        tip = min(tip, self.maximum_priority_fee, self.maximum_fee - base)
        return Fees(min(BASE_FEE_HEADROOM * base + tip, self.maximum_fee), tip)

    async def nonce(self, account: str, *, pending: bool = False, block: int | None = None) -> int:
        """How many transactions of an account are included, at a block, or under way as well."""
        tag = "pending" if pending else "latest" if block is None else hex(block)
        return await self.node.quantity("eth_getTransactionCount", account, tag)

    async def estimate_gas(self, sender: str, call: ContractCall) -> int:
        """Gas that a call takes; raises `CallRevertedError` if it would revert."""
        request = {"from": sender, "to": call.target, "data": call.calldata}
        return await self.node.quantity("eth_estimateGas", request)

    async def send(self, raw: str) -> None:
        """Hand bytes to the node, once."""
        await self.node.ask("eth_sendRawTransaction", raw)

    async def knows(self, transaction_hash: str) -> bool:
        """Whether the node has a transaction, included or not."""
        return await self.node.ask(GET_TRANSACTION, transaction_hash) is not None

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """The receipt, if the transaction is included."""
        answer = await self.node.ask(GET_RECEIPT, transaction_hash)
        if answer is None:
            return None
        raw = as_object(answer, GET_RECEIPT)
        price = None
        if raw.get("effectiveGasPrice") is None:
            price = read_price(await self.node.ask(GET_TRANSACTION, transaction_hash))
        return read_receipt(raw, self.addresses.controller, price)

    async def head(self) -> int:
        """The newest block's number."""
        return await self.node.quantity("eth_blockNumber")

    async def block_hash(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None if it is not that long."""
        found = await self.node.ask(GET_BLOCK, hex(block), False)  # noqa: FBT003 - JSON-RPC's own
        return (
            None if found is None else as_text(as_object(found, GET_BLOCK).get("hash"), GET_BLOCK)
        )

    async def spender(self, account: str, nonce: int, block: int) -> str | None:
        """The hash of the included transaction that used a nonce, as far as the node tells."""
        return await find_spender(self.node, account, nonce, block)

    async def revert_reason(self, sender: str, raw: str, block: int) -> str:
        """Why stored bytes reverted, by repeating them on the state before their block."""
        return await explain_revert(self.node, sender, raw, block)
