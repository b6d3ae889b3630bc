"""Receipts and transactions by a quorum of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import structlog

from keepers.chain.node import Node
from keepers.chain.pool.agreement import COUNT, agreed, is_settled_by, poll
from keepers.chain.pool.heads import Heads
from keepers.chain.pool.members import Members
from keepers.chain.responses import (
    GET_BLOCK,
    GET_RECEIPT,
    GET_TRANSACTION,
    as_list,
    as_object,
    as_quantity,
    as_text,
    read_price,
    read_receipt,
)
from keepers.chain.rpc import Requests
from keepers.model.chain import Receipt
from keepers.model.chain_view import MadeCall
from keepers.model.errors.chain import BadAnswerError, ChainError, NodesDisagreeError


async def find_spender(node: Node, account: str, nonce: int, block: int) -> str | None:
    """Return the hash of the transaction that used a nonce up to a block.

    Returns:
        The hash; None if the node has pruned the required blocks or states.
    """
    try:
        included = await _block_of(node, account, nonce, block)
        raw = await node.ask(GET_BLOCK, hex(included), True)  # noqa: FBT003 - JSON-RPC's own
        for each in as_list(as_object(raw, GET_BLOCK).get("transactions"), GET_BLOCK):
            found = as_object(each, GET_BLOCK)
            sender = as_text(found.get("from"), GET_BLOCK).lower()
            if (sender, as_quantity(found.get("nonce"), GET_BLOCK)) == (account.lower(), nonce):
                return as_text(found.get("hash"), GET_BLOCK)
    except ChainError:
        return None
    return None


async def _block_of(node: Node, account: str, nonce: int, block: int) -> int:
    """Return the block that used the nonce: search backwards in growing steps, then bisect."""
    used, step = block, 1
    unused = max(block - step, 0)
    while unused > 0 and await node.quantity(COUNT, account, hex(unused)) > nonce:
        used, step = unused, step * 2
        unused = max(unused - step, 0)
    while used - unused > 1:
        middle = (used + unused) // 2
        if await node.quantity(COUNT, account, hex(middle)) > nonce:
            used = middle
        else:
            unused = middle
    return used


async def made_call(requests: Requests, transaction_hash: str) -> MadeCall | None:
    """Return a transaction's call, in lower case; None if the node does not have it."""
    answer = await requests.ask(GET_TRANSACTION, transaction_hash)
    if answer is None:
        return None
    found = as_object(answer, GET_TRANSACTION)
    target = found.get("to")
    return MadeCall(
        target=None if target is None else as_text(target, GET_TRANSACTION).lower(),
        calldata=as_text(found.get("input"), GET_TRANSACTION).lower(),
        value=as_quantity(found.get("value"), GET_TRANSACTION),
    )


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class InclusionReader:
    """Reader of receipts and transactions by a quorum."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._heads = Heads(members)

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """Return the receipt that a quorum reports, if a quorum has its block in the chain."""

        async def work(requests: Requests) -> Receipt | None:
            return await _receipt(requests, transaction_hash)

        quorum = self._members.quorum
        what = f"the receipt of {transaction_hash}"
        decided = is_settled_by(quorum)

        def settled(some: Sequence[Receipt | None], outstanding: int) -> bool:
            return decided(list(map(_comparable, some)), outstanding)

        found = await poll(self._members.available(), work, settled=settled)
        found.need(quorum, what)
        try:
            chosen = agreed(map(_comparable, found.answers.values()), quorum, what)
        except NodesDisagreeError as error:
            _log.warning("receipt does not count", transaction=transaction_hash, reason=str(error))
            return None
        if chosen is None or not await self._is_in_the_chain(chosen):
            return None
        return next(each for each in found.answers.values() if _comparable(each) == chosen)

    async def knows(self, transaction_hash: str) -> bool:
        """Return whether any node has a transaction; False requires a quorum."""

        async def work(requests: Requests) -> bool:
            return await requests.ask(GET_TRANSACTION, transaction_hash) is not None

        found = await poll(self._members.available(), work, settled=lambda some, _: any(some))
        if any(found.answers.values()):
            return True
        found.need(self._members.quorum, f"transaction {transaction_hash}")
        return False

    async def spent(self, transaction_hash: str, account: str, nonce: int, block: int) -> bool:
        """Return whether, by a quorum, a transaction used a nonce of an account by a block."""

        async def work(requests: Requests) -> tuple[str, int, int] | None:
            return _use(await requests.ask(GET_TRANSACTION, transaction_hash))

        quorum = self._members.quorum
        found = await poll(self._members.available(), work, settled=is_settled_by(quorum))
        try:
            found.need(quorum, f"transaction {transaction_hash}")
            use = agreed(found.answers.values(), quorum, f"transaction {transaction_hash}")
        except ChainError:
            return False
        return use is not None and use[:2] == (account.lower(), nonce) and use[2] <= block

    async def call_of(self, transaction_hash: str) -> MadeCall | None:
        """Return a transaction's call by a quorum; None if it is missing or disputed."""

        async def work(requests: Requests) -> MadeCall | None:
            return await made_call(requests, transaction_hash)

        quorum, what = self._members.quorum, f"transaction {transaction_hash}"
        found = await poll(self._members.available(), work, settled=is_settled_by(quorum))
        found.need(quorum, what)
        try:
            return agreed(found.answers.values(), quorum, what)
        except NodesDisagreeError:
            return None

    async def _is_in_the_chain(self, receipt: Receipt) -> bool:
        present = await self._heads.hash_at(receipt.block_number)
        if present == receipt.block_hash:
            return True
        _log.warning(
            "receipt does not count",
            transaction=receipt.transaction_hash,
            reason=f"it is from block {receipt.block_hash}, but the chain has {present}",
        )
        return False


async def _receipt(requests: Requests, transaction_hash: str) -> Receipt | None:
    answer = await requests.ask(GET_RECEIPT, transaction_hash)
    if answer is None:
        return None
    raw, price = as_object(answer, GET_RECEIPT), None
    if raw.get("effectiveGasPrice") is None:
        price = read_price(await requests.ask(GET_TRANSACTION, transaction_hash))
    receipt = read_receipt(raw, price)
    if receipt is not None and receipt.transaction_hash != transaction_hash:
        raise BadAnswerError(GET_RECEIPT, "the receipt of another transaction")
    return receipt


def _comparable(receipt: Receipt | None) -> Receipt | None:
    """Return a receipt without its price, which not all nodes report."""
    return None if receipt is None else replace(receipt, effective_gas_price=0)


def _use(raw: object) -> tuple[str, int, int] | None:
    """Return sender, nonce and block of a transaction; None if it is not included."""
    if raw is None:
        return None
    found = as_object(raw, GET_TRANSACTION)
    if found.get("blockNumber") is None:
        return None
    return (
        as_text(found.get("from"), GET_TRANSACTION).lower(),
        as_quantity(found.get("nonce"), GET_TRANSACTION),
        as_quantity(found.get("blockNumber"), GET_TRANSACTION),
    )
