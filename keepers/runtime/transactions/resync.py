"""Synchronize transactions with the chain, and report changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from keepers.chain.pool import NodePool
from keepers.chain.reverts import Reverts
from keepers.config import Settings
from keepers.model.json_document import Json
from keepers.model.ports import Progress
from keepers.model.transactions.details import STATES, TransactionDetails
from keepers.runtime.owners import senders_named
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.transactions.engine_pass import Passed, follow, sender_for
from keepers.runtime.transactions.operator_requests import look_up
from keepers.store.database import Database
from keepers.store.transaction_queries import TransactionFilter, browse, senders_of


@dataclass(slots=True)
class Resynced:
    """Changes that a pass over the chains found, by account and by transaction.

    An account comes once for each chain.
    """

    passed: list[tuple[str, Passed]] = field(default_factory=list[tuple[str, Passed]])
    changed: list[tuple[TransactionDetails, TransactionDetails]] = field(
        default_factory=list[tuple[TransactionDetails, TransactionDetails]]
    )

    def lines(self) -> Iterator[str]:
        """The same in words."""
        for sender, passed in self.passed:
            if passed.other is not None:
                yield f"{sender}: {passed.other} works for it, and follows its receipts"
            elif not passed.reached:
                yield f"{sender}: nodes do not answer; nothing was done"
        for before, after in self.changed:
            old, new = STATES[before.record.state], STATES[after.record.state]
            seen = after.record.inclusion
            where = "" if seen is None else f" (block {seen.block_number})"
            yield f"transaction {after.record.intent_id}: {old} -> {new}{where}"
        if not self.changed:
            yield "nothing has changed"

    def document(self) -> dict[str, Json]:
        """The same for machines."""
        return {
            "senders": [
                {"sender": sender, "by": each.other, "reached": each.reached}
                for sender, each in self.passed
            ],
            "changed": [
                {
                    "id": after.record.intent_id,
                    "before": before.record.state.value,
                    "after": after.record.state.value,
                    "block": None if after.record.inclusion is None else _block(after),
                }
                for before, after in self.changed
            ],
        }


async def resync_vault(
    settings: Settings, ledger: Database, vault: str | None, progress: Progress
) -> Resynced:
    """Make a pass without sending for every account that has sent for an owner."""
    result = Resynced()
    for sender in senders_named(settings, vault):
        await _resync(settings, ledger, sender, result, progress)
    return result


async def _resync(
    settings: Settings, ledger: Database, sender: SenderSetup, result: Resynced, progress: Progress
) -> None:
    chain_id = sender.chain.chain_id
    for account in ledger.read(lambda c: senders_of(c, sender.owner, chain_id)):
        before = _live(ledger, chain_id, account)
        passed = await follow(settings, sender, ledger, account, progress)
        result.passed.append((account, passed))
        for old in before:
            new = look_up(ledger, old.record.intent_id)
            if new.record != old.record:
                result.changed.append((old, new))


def _live(ledger: Database, chain_id: int, sender: str) -> tuple[TransactionDetails, ...]:
    now = ledger.now()
    found = ledger.read(lambda c: browse(c, TransactionFilter(sender=sender, live=True), now))
    return tuple(each for each in found if each.record.intent.chain_id == chain_id)


def _block(overview: TransactionDetails) -> int:
    seen = overview.record.inclusion
    assert seen is not None  # noqa: S101 - the caller looked
    return seen.block_number


async def ask_nodes(
    settings: Settings, ledger: Database, overview: TransactionDetails
) -> dict[str, Json]:
    """Ask nodes for the head, the sender's nonces, and each attempt's receipt.

    Raises:
        ChainError: Too few nodes answer, or they do not agree.
        RequestNotPossibleError: The settings have no nodes of its chain.
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
