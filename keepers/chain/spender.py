"""Who used a nonce and for what: searched by the account's count at past blocks."""

from __future__ import annotations

from keepers.chain.headers import GET_BLOCK
from keepers.chain.node import Node
from keepers.chain.receipts import GET_TRANSACTION
from keepers.chain.rpc import Requests
from keepers.chain.typed import as_list, as_object, as_quantity, as_text
from keepers.model.errors.chain import ChainError
from keepers.model.transactions.chain_view import MadeCall

COUNT = "eth_getTransactionCount"


async def find_spender(node: Node, account: str, nonce: int, block: int) -> str | None:
    """The hash of the transaction that used a nonce at a block or before it.

    Returns:
        None where the node has forgotten the blocks or states that would tell.
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
    """The first block after which the nonce is used: backwards in growing steps, then halved."""
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
    """What a transaction does, in lower case; None if the node does not have it."""
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
