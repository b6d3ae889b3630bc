"""Passes of the engine for an operator: armed for a request, unarmed to follow receipts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from eth_utils.address import to_checksum_address

from keepers.chain.pool import NodePool
from keepers.chain.reverts import Reverts
from keepers.config import Settings
from keepers.model.errors.transaction import LeaseHeldError, RequestNotPossibleError
from keepers.model.json_document import Json
from keepers.model.ports import Progress
from keepers.model.transaction_details import STATES, TransactionDetails
from keepers.runtime.owners import owners_of, senders_named
from keepers.runtime.process.database import alone, locks_as_leases
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.process.transaction_engine import engine_of, holder_of, keyless_engine
from keepers.runtime.transactions.operator_requests import Passed, look_up
from keepers.store.database import Database
from keepers.store.transaction_queries import TransactionFilter, browse, senders_of, vaults_of
from keepers.telemetry.metrics import Metrics


def sender_for(settings: Settings, database: Database, overview: TransactionDetails) -> SenderSetup:
    """Return the sender with the key and nodes of a transaction.

    Raises:
        RequestNotPossibleError: The settings have no such sender, or it is now on another chain.
    """
    record = overview.record
    chain_id, sender = record.intent.chain_id, record.intent.sender
    others = database.read(lambda connection: vaults_of(connection, chain_id, sender))
    known = {each.name for each in owners_of(settings)}
    name = next((each for each in (overview.vault, *others) if each in known), None)
    if name is None:
        reason = f"the settings have no vault {overview.vault}"
        raise RequestNotPossibleError(record.intent_id, "sending", reason)
    found = senders_named(settings, name)
    on_chain = next((each for each in found if each.chain.chain_id == chain_id), None)
    if on_chain is None:
        now = ", ".join(f"{each.name} is on {each.chain.chain_id}" for each in found)
        reason = f"it is on chain {chain_id}, but {now} now"
        raise RequestNotPossibleError(record.intent_id, "sending", reason)
    return on_chain


async def send_now(
    settings: Settings, database: Database, overview: TransactionDetails, progress: Progress
) -> Passed:
    """Make one armed pass for the sender of a transaction, unless another keeper works for it.

    Raises:
        RequestNotPossibleError: The settings name another key than the transaction's sender.
        SigningError: The key cannot be used.
    """
    sender = sender_for(settings, database, overview)
    signer = make_signing(settings, sender.limits.signer)
    if signer.address.lower() != overview.record.intent.sender:
        reason = f"the key of {sender.name} is now {signer.address}"
        raise RequestNotPossibleError(overview.record.intent_id, "sending", reason)
    telemetry = KeeperTelemetry(Metrics(), sender.chain.chain_id, signer.address, progress)
    try:
        with locks_as_leases(), alone(settings, sender, signer.address):
            async with engine_of(
                settings, sender, database, signer, telemetry, armed=True
            ) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)


async def follow(
    settings: Settings, sender: SenderSetup, database: Database, account: str, progress: Progress
) -> Passed:
    """Make one pass that only follows receipts and nonces; no key is read."""
    address, holder = to_checksum_address(account), holder_of(settings.database)
    try:
        with locks_as_leases(), alone(settings, sender, address):
            async with keyless_engine(
                settings, sender, database, address, progress=progress, holder=holder
            ) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)


@dataclass(slots=True)
class Resynced:
    """Changes found by a pass over the chains, by account and by transaction.

    An account appears once for each chain.
    """

    passed: list[tuple[str, Passed]] = field(default_factory=list[tuple[str, Passed]])
    changed: list[tuple[TransactionDetails, TransactionDetails]] = field(
        default_factory=list[tuple[TransactionDetails, TransactionDetails]]
    )

    def lines(self) -> Iterator[str]:
        """Describe the changes in lines of text."""
        for sender, passed in self.passed:
            if passed.other is not None:
                yield f"{sender}: {passed.other} sends for it, and follows its receipts"
            elif not passed.reached:
                yield f"{sender}: nodes do not respond; nothing was done"
        for before, after in self.changed:
            old, new = STATES[before.record.state], STATES[after.record.state]
            seen = after.record.inclusion
            where = "" if seen is None else f" (block {seen.block_number})"
            yield f"transaction {after.record.intent_id}: {old} -> {new}{where}"
        if not self.changed:
            yield "nothing has changed"

    def document(self) -> dict[str, Json]:
        """Return the changes as a document."""
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
    settings: Settings, database: Database, vault: str | None, progress: Progress
) -> Resynced:
    """Make a pass without sending for every account that has sent for an owner."""
    result = Resynced()
    for sender in senders_named(settings, vault):
        await _resync(settings, database, sender, result, progress)
    return result


async def _resync(
    settings: Settings,
    database: Database,
    sender: SenderSetup,
    result: Resynced,
    progress: Progress,
) -> None:
    chain_id = sender.chain.chain_id
    for account in database.read(lambda c: senders_of(c, sender.owner, chain_id)):
        before = _live(database, chain_id, account)
        passed = await follow(settings, sender, database, account, progress)
        result.passed.append((account, passed))
        for old in before:
            new = look_up(database, old.record.intent_id)
            if new.record != old.record:
                result.changed.append((old, new))


def _live(database: Database, chain_id: int, sender: str) -> tuple[TransactionDetails, ...]:
    now = database.now()
    found = database.read(lambda c: browse(c, TransactionFilter(sender=sender, live=True), now))
    return tuple(each for each in found if each.record.intent.chain_id == chain_id)


def _block(overview: TransactionDetails) -> int:
    seen = overview.record.inclusion
    assert seen is not None  # noqa: S101 - checked by the caller
    return seen.block_number


async def ask_nodes(
    settings: Settings, database: Database, overview: TransactionDetails
) -> dict[str, Json]:
    """Ask nodes for the head, the sender's nonces, and each attempt's receipt.

    Raises:
        ChainError: Too few nodes respond, or they do not agree.
        RequestNotPossibleError: The settings have no nodes of the transaction's chain.
    """
    sender = sender_for(settings, database, overview)
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
        text = "waits in a transaction pool"
    else:
        text = "unknown to all nodes"
    return {"transaction": transaction_hash, "found": text}
