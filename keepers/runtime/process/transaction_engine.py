"""The transaction engine of a key, as the settings have it."""

from __future__ import annotations

import os
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import uuid4

from keepers.chain.reverts import Reverts
from keepers.config import ChainSettings, Settings
from keepers.config.signers import SendingSettings
from keepers.config.values import SQLITE_FILE
from keepers.model.transactions.chain_view import FeeLimits
from keepers.runtime.audit import make_auditor
from keepers.runtime.process.leases import lease_seconds, renewed
from keepers.runtime.process.nodes import pool_of
from keepers.runtime.process.signers import make_validator
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.senders import SenderSetup
from keepers.signing.stored_validator import StoredBytesValidator
from keepers.store.database import Ledger
from keepers.store.sender import SqlSenderLedger
from keepers.transactions.engine import TransactionEngine
from keepers.transactions.ports import (
    Auditor,
    Nodes,
    ReceiptInterpreter,
    Signer,
    Telemetry,
    Validator,
)
from keepers.transactions.sender_context import SenderContext, SendingPolicy


def holder_of(database: str) -> str:
    """Under which name leases are held.

    On a file, where locks keep other processes away, a machine's name: a restart has its leases
    at once. On a server a name of this process alone: a restart waits for them to end.
    """
    host = socket.gethostname()
    if database.startswith(SQLITE_FILE):
        return host
    return f"{host}:{os.getpid()}:{uuid4().hex[:8]}"


def sending_policy(chain: ChainSettings, limits: SendingSettings) -> SendingPolicy:
    """What the settings allow transactions to cost, and how patient they are."""
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


@dataclass(frozen=True, slots=True)
class Duties:
    """Who signs, who audits, who validates."""

    signer: Signer
    auditor: Auditor
    validator: Validator


@asynccontextmanager
async def engine_of(
    settings: Settings,
    sender: SenderSetup,
    ledger: Ledger,
    signer: Signer,
    telemetry: KeeperTelemetry,
    *,
    judges: Mapping[str, ReceiptInterpreter],
    armed: bool,
) -> AsyncGenerator[TransactionEngine]:
    """The engine of a sender's key; its lease is given back afterwards."""
    named = sender.limits.validator
    opening = None if named is None else make_validator(settings, named)
    auditor = make_auditor(settings, sender, signer.address)
    duties = Duties(signer, auditor, StoredBytesValidator(opening))
    holder = holder_of(settings.database)
    async with (
        pool_of(sender.chain, Reverts(sender.tokens), sender.least_gas) as nodes,
        engine_with(
            settings,
            sender,
            ledger,
            nodes,
            duties,
            telemetry=telemetry,
            holder=holder,
            judges=judges,
            armed=armed,
        ) as engine,
    ):
        try:
            if armed:
                await engine.tell_of_past()
            yield engine
            telemetry.end()
        finally:
            telemetry.sample(ledger, holder, nodes.health())


@asynccontextmanager
async def engine_with(
    settings: Settings,
    sender: SenderSetup,
    ledger: Ledger,
    nodes: Nodes,
    duties: Duties,
    *,
    telemetry: Telemetry,
    holder: str,
    judges: Mapping[str, ReceiptInterpreter],
    armed: bool,
) -> AsyncGenerator[TransactionEngine]:
    """An engine of these parts, on a sender's chain; `holder`'s lease is given back afterwards."""
    known = SqlSenderLedger(
        ledger,
        sender.chain.chain_id,
        duties.signer.address,
        holder=holder,
        lease_seconds=lease_seconds(settings, sender.chain.lease_seconds),
    )
    desk = SenderContext(
        ledger=known,
        nodes=nodes,
        signer=duties.signer,
        auditor=duties.auditor,
        validator=duties.validator,
        telemetry=telemetry,
        clock=SystemClock(),
        policy=sending_policy(sender.chain, sender.limits),
        judges=judges,
        armed=armed,
    )
    engine = TransactionEngine(desk)
    with renewed(known.lease, float(settings.service.heartbeat_seconds)):
        try:
            yield engine
        finally:
            await engine.close()
