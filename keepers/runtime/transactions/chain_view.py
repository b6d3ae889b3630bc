"""What nodes say of a transaction now, beside what the ledger holds of it."""

from __future__ import annotations

from keepers.chain.pool import NodePool
from keepers.chain.reverts import Reverts
from keepers.config import Settings
from keepers.model.transactions.details import Overview
from keepers.planning.files.canonical import Json
from keepers.runtime.nodes import pool_of
from keepers.runtime.transactions.engine_pass import sender_for
from keepers.store.sending.transact import Ledger


async def ask_nodes(settings: Settings, ledger: Ledger, overview: Overview) -> dict[str, Json]:
    """The head, the sender's nonces, and each attempt's receipt or whether a node knows it.

    Raises:
        ChainError: Too few nodes answer, or they do not agree.
        CannotBeAsked: The settings have no nodes of its chain.
    """
    sender = sender_for(settings, ledger, overview)
    async with pool_of(sender.chain, Reverts(sender.tokens)) as pool:
        view = await pool.view(overview.record.intent.sender)
        hashes = [each.signed.transaction_hash for each in overview.attempts]
        found: list[Json] = [await _found(pool, each) for each in hashes if each is not None]
    return {
        "block": view.head.number,
        "nonce": view.nonce,
        "pending_nonce": view.pending_nonce,
        "balance_wei": str(view.balance),
        "attempts": found,
    }


async def _found(pool: NodePool, transaction_hash: str) -> dict[str, Json]:
    receipt = await pool.receipt(transaction_hash)
    if receipt is not None:
        how = "succeeded" if receipt.succeeded else "reverted"
        text = f"{how} in block {receipt.block_number}"
    elif await pool.knows(transaction_hash):
        text = "waits in a pool"
    else:
        text = "no node knows it"
    return {"transaction": transaction_hash, "found": text}
