"""Transaction engine of a key, as configured."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from keepers.audit.auditor import Auditors, PolicyAuditor
from keepers.audit.http import HttpAuditor
from keepers.chain.reverts import Reverts
from keepers.config import ChainSettings, Settings
from keepers.config.signers import SendingSettings
from keepers.config.values import SQLITE_FILE
from keepers.model.chain import Signed, Unsigned
from keepers.model.chain_view import FeeLimits
from keepers.model.errors.signing import AuditUnavailableError, SignerUnreachableError
from keepers.model.ports import Progress
from keepers.model.transaction_records import EncryptedPayload
from keepers.runtime.process.endpoints import endpoint_of
from keepers.runtime.process.leases import lease_seconds, renewed
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.process.owner import SenderSetup
from keepers.runtime.process.signers import make_validator
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.signing.validator import StoredBytesValidator
from keepers.store.database import Database
from keepers.store.transactions import TransactionRepository
from keepers.telemetry.engine import LogTelemetry
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.ports import (
    Auditor,
    Nodes,
    Signer,
    Telemetry,
    Validator,
)
from keepers.transactions.sender_context import SenderContext, SendingPolicy

READS_ONLY = "this keeper is read-only"


def holder_of(database: str) -> str:
    """Return the name under which leases are held.

    On a file, where locks exclude other processes, it is the machine's name: a restart gets its
    leases at once. On a server, it is unique to the process: a restart waits for them to expire.
    """
    host = socket.gethostname()
    if database.startswith(SQLITE_FILE):
        return host
    return f"{host}:{os.getpid()}:{uuid4().hex[:8]}"


def sending_policy(chain: ChainSettings, limits: SendingSettings) -> SendingPolicy:
    """Return the cost and time limits in the settings."""
    return SendingPolicy(
        fees=FeeLimits(
            maximum=limits.maximum_fee_per_gas_wei,
            priority=limits.maximum_priority_fee_per_gas_wei,
            rise_bps=chain.bump_rise_bps,
            bump_blocks=chain.bump_after_blocks,
        ),
        minimum_balance=0,
        maximum_in_flight=chain.maximum_in_flight,
        bump_after_blocks=chain.bump_after_blocks,
        confirmations=chain.confirmations,
        finality_blocks=chain.finality_blocks,
        trust_tags=chain.trust_finality_tags,
        foreign_after_blocks=chain.confirmations - 1,
        private=bool(chain.private_relay_urls),
        public_after_blocks=chain.public_after_blocks,
        cancel_reverting=chain.cancel_reverting,
        poll_seconds=float(chain.poll_interval_seconds),
        stalled_head_seconds=chain.stalled_head_seconds,
    )


class KeylessDuties:
    """Signer, auditor and validator with the sender's address but no key; all refuse."""

    def __init__(self, address: str) -> None:
        self.address = address

    def sign(self, transaction: Unsigned) -> Signed | EncryptedPayload:
        """Refuse to sign."""
        del transaction
        raise SignerUnreachableError(self.address, READS_ONLY)

    def audit(self, transaction: Unsigned, sender: str) -> None:
        """Refuse to audit."""
        del transaction, sender
        raise AuditUnavailableError(self.address, READS_ONLY)

    def open(self, signed: Signed | EncryptedPayload, audited: Unsigned, sender: str) -> Signed:
        """Refuse to open."""
        del signed, audited, sender
        raise SignerUnreachableError(self.address, READS_ONLY)


@dataclass(frozen=True, slots=True)
class Duties:
    """Signer, auditor and validator of an engine."""

    signer: Signer
    auditor: Auditor
    validator: Validator


def make_auditor(settings: Settings, sender: SenderSetup, address: str) -> Auditors:
    """Return every audit that a sender's transactions must pass: its policy, then its services.

    Args:
        settings: The settings with policies and services.
        sender: The sender; without a `policy`, its deployment's default applies.
        address: The keeper's account.

    Raises:
        KeyUnusableError: A service cannot be used with the configured certificates.
        SecretUnavailableError: A password is not where the settings say.
    """
    named = sender.limits.policy
    policy = sender.policy(address) if named is None else settings.policies[named].policy(named)
    services = [
        HttpAuditor(name, endpoint_of("auditor", name, settings.auditors[name]), policy)
        for name in sender.limits.auditors
    ]
    return Auditors([PolicyAuditor(policy), *services])


@asynccontextmanager
async def engine_of(
    settings: Settings,
    sender: SenderSetup,
    database: Database,
    signer: Signer,
    telemetry: KeeperTelemetry,
    *,
    armed: bool,
) -> AsyncGenerator[TransactionEngine]:
    """Open the engine of a sender's key, and release its lease at the end."""
    named = sender.limits.validator
    opening = None if named is None else make_validator(settings, named)
    auditor = make_auditor(settings, sender, signer.address)
    duties = Duties(signer, auditor, StoredBytesValidator(opening))
    holder = holder_of(settings.database)
    async with (
        pool_of(sender.chain, Reverts(sender.tokens), sender.least_gas) as nodes,
        _engine(
            settings,
            sender,
            database,
            nodes,
            duties,
            telemetry=telemetry,
            holder=holder,
            armed=armed,
        ) as engine,
    ):
        try:
            if armed:
                await engine.report_unknown_past()
            yield engine
            telemetry.end()
        finally:
            telemetry.sample(database, holder, nodes.health())


@asynccontextmanager
async def keyless_engine(
    settings: Settings,
    sender: SenderSetup,
    database: Database,
    address: str,
    *,
    progress: Progress,
    holder: str,
) -> AsyncGenerator[TransactionEngine]:
    """Open an engine that follows receipts and nonces; no key is read, nothing is signed."""
    keyless = KeylessDuties(address)
    duties, telemetry = Duties(keyless, keyless, keyless), LogTelemetry(progress)
    async with (
        pool_of(sender.chain, Reverts(sender.tokens), sender.least_gas) as nodes,
        _engine(
            settings,
            sender,
            database,
            nodes,
            duties,
            telemetry=telemetry,
            holder=holder,
            armed=False,
        ) as engine,
    ):
        yield engine


@asynccontextmanager
async def _engine(
    settings: Settings,
    sender: SenderSetup,
    database: Database,
    nodes: Nodes,
    duties: Duties,
    *,
    telemetry: Telemetry,
    holder: str,
    armed: bool,
) -> AsyncGenerator[TransactionEngine]:
    repository = TransactionRepository(
        database,
        sender.chain.chain_id,
        duties.signer.address,
        holder=holder,
        lease_seconds=lease_seconds(settings, sender.chain.lease_seconds),
    )
    context = SenderContext(
        store=repository,
        nodes=nodes,
        signer=duties.signer,
        auditor=duties.auditor,
        validator=duties.validator,
        telemetry=telemetry,
        clock=SystemClock(),
        policy=sending_policy(sender.chain, sender.limits),
        interpreters=sender.interpreters,
        armed=armed,
    )
    engine = TransactionEngine(context)
    with renewed(repository.lease, float(settings.service.heartbeat_seconds)):
        try:
            yield engine
        finally:
            await engine.close()
