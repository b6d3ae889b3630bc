"""One pass of the engine because a person asked: armed for a wish, unarmed to follow receipts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from keepers.chain.reverts import Reverts
from keepers.config import Settings
from keepers.model.errors.transaction import LeaseHeldError, RequestNotPossibleError
from keepers.model.ports import Progress
from keepers.model.transactions.details import TransactionDetails
from keepers.model.transfer_record import TREASURY
from keepers.runtime.process.database import KeeperAlreadyRunningError, alone
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.process.transaction_engine import Duties, engine_of, engine_with, holder_of
from keepers.runtime.senders import SenderSetup, senders_named
from keepers.runtime.transactions.read_only import Idle
from keepers.store.database import Database
from keepers.store.transaction_queries import vaults_of
from keepers.telemetry.log import LogTelemetry
from keepers.telemetry.metrics import Metrics
from keepers.transactions.engine import TransactionEngine


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass came to.

    Attributes:
        other: Who works for the sender now, so that no pass was made.
        reached: Whether the nodes answered.
    """

    other: str | None = None
    reached: bool = True


def sender_for(settings: Settings, ledger: Database, overview: TransactionDetails) -> SenderSetup:
    """With whose key and nodes a transaction is sent: a vault's, or those of a chain's treasury.

    Raises:
        RequestNotPossibleError: The settings have none such, or it is on another chain now.
    """
    record = overview.record
    chain_id, sender = record.intent.chain_id, record.intent.sender
    others = ledger.read(lambda connection: vaults_of(connection, chain_id, sender))
    known = {*settings.vaults, *([] if settings.treasury is None else [TREASURY])}
    name = next((each for each in (overview.vault, *others) if each in known), None)
    if name is None:
        reason = f"the settings have no vault {overview.vault}"
        raise RequestNotPossibleError(record.intent_id, "sending", reason)
    found = senders_named(settings, name)
    on_chain = next((each for each in found if each.chain.chain_id == chain_id), None)
    if on_chain is None:
        now = ", ".join(f"{each.name} is on {each.chain.chain_id}" for each in found)
        reason = f"it is on chain {chain_id}, and {now} now"
        raise RequestNotPossibleError(record.intent_id, "sending", reason)
    return on_chain


async def send_now(
    settings: Settings, ledger: Database, overview: TransactionDetails, progress: Progress
) -> Passed:
    """One armed pass for the sender of a transaction, unless somebody else works for it.

    Raises:
        RequestNotPossibleError: The settings name another key than has sent it.
        SigningError: The key cannot be used.
    """
    sender = sender_for(settings, ledger, overview)
    signer = make_signing(settings, sender.limits.signer)
    if signer.address.lower() != overview.record.intent.sender:
        reason = f"{sender.name} has the key of {signer.address} now"
        raise RequestNotPossibleError(overview.record.intent_id, "sending", reason)
    try:
        with alone(settings, sender, signer.address):
            async with sender.judges() as judges:
                telemetry = KeeperTelemetry(
                    Metrics(), sender.chain.chain_id, signer.address, progress
                )
                async with engine_of(
                    settings, sender, ledger, signer, telemetry, judges=judges, armed=True
                ) as engine:
                    return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)
    except KeeperAlreadyRunningError:
        return Passed(other="another process of this machine")


async def follow(
    settings: Settings, sender: SenderSetup, ledger: Database, account: str, progress: Progress
) -> Passed:
    """One pass that only follows receipts and nonces; no key is read."""
    address = to_checksum_address(account)
    try:
        with alone(settings, sender, address):
            async with _follower(settings, sender, ledger, address, progress) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)
    except KeeperAlreadyRunningError:
        return Passed(other="another process of this machine")


@asynccontextmanager
async def _follower(
    settings: Settings, sender: SenderSetup, ledger: Database, address: str, progress: Progress
) -> AsyncGenerator[TransactionEngine]:
    idle = Idle(address)
    duties, telemetry = Duties(idle, idle, idle), LogTelemetry(progress)
    async with (
        pool_of(sender.chain, Reverts(sender.tokens), sender.least_gas) as nodes,
        sender.judges() as judges,
    ):
        holder = holder_of(settings.database)
        async with engine_with(
            settings,
            sender,
            ledger,
            nodes,
            duties,
            telemetry=telemetry,
            holder=holder,
            judges=judges,
            armed=False,
        ) as engine:
            yield engine
