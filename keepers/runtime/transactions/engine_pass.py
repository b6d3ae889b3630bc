"""One pass of the engine for an operator: armed for a request, unarmed to follow receipts."""

from __future__ import annotations

from dataclasses import dataclass

from eth_utils.address import to_checksum_address

from keepers.config import Settings
from keepers.model.errors.transaction import LeaseHeldError, RequestNotPossibleError
from keepers.model.ports import Progress
from keepers.model.transactions.details import TransactionDetails
from keepers.runtime.owners import owners_of, senders_named
from keepers.runtime.process.database import alone, locks_as_leases
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.process.transaction_engine import engine_of, holder_of, keyless_engine
from keepers.store.database import Database
from keepers.store.transaction_queries import vaults_of
from keepers.telemetry.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Passed:
    """Result of a pass.

    Attributes:
        other: The keeper that works for the sender now, so that no pass was made.
        reached: Whether the nodes answered.
    """

    other: str | None = None
    reached: bool = True


def sender_for(settings: Settings, ledger: Database, overview: TransactionDetails) -> SenderSetup:
    """Return the sender with the key and nodes of a transaction.

    Raises:
        RequestNotPossibleError: The settings have none such, or it is on another chain now.
    """
    record = overview.record
    chain_id, sender = record.intent.chain_id, record.intent.sender
    others = ledger.read(lambda connection: vaults_of(connection, chain_id, sender))
    known = {each.name for each in owners_of(settings)}
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
    """Make one armed pass for the sender of a transaction, unless another keeper works for it.

    Raises:
        RequestNotPossibleError: The settings name another key than has sent it.
        SigningError: The key cannot be used.
    """
    sender = sender_for(settings, ledger, overview)
    signer = make_signing(settings, sender.limits.signer)
    if signer.address.lower() != overview.record.intent.sender:
        reason = f"{sender.name} has the key of {signer.address} now"
        raise RequestNotPossibleError(overview.record.intent_id, "sending", reason)
    telemetry = KeeperTelemetry(Metrics(), sender.chain.chain_id, signer.address, progress)
    try:
        with locks_as_leases(), alone(settings, sender, signer.address):
            async with engine_of(settings, sender, ledger, signer, telemetry, armed=True) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)


async def follow(
    settings: Settings, sender: SenderSetup, ledger: Database, account: str, progress: Progress
) -> Passed:
    """Make one pass that only follows receipts and nonces; no key is read."""
    address, holder = to_checksum_address(account), holder_of(settings.database)
    try:
        with locks_as_leases(), alone(settings, sender, address):
            async with keyless_engine(
                settings, sender, ledger, address, progress=progress, holder=holder
            ) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeldError as error:
        return Passed(other=error.holder)
