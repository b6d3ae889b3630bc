"""One pass of the engine because a person asked: armed for a wish, unarmed to follow receipts."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from eth_utils.address import to_checksum_address

from keepers.adapters.chain.reverts import Reverts
from keepers.adapters.store.ledger.browsing import vaults_of
from keepers.adapters.store.ledger.transact import Ledger
from keepers.adapters.telemetry.log import LogTelemetry
from keepers.adapters.telemetry.metrics import Metrics
from keepers.app.judges import judges_of
from keepers.app.lock import KeeperAlreadyRunningError
from keepers.app.nodes import pool_of
from keepers.app.opening import alone
from keepers.app.recurring.places import batch_gas
from keepers.app.sending import Duties, engine_of, engine_with, holder_of
from keepers.app.settings import Settings
from keepers.app.signers import make_signing
from keepers.app.telemetry import KeeperTelemetry
from keepers.app.transactions.idle import Idle
from keepers.app.wiring import VaultSetup, connected, set_up
from keepers.domain.errors_transaction import CannotBeAsked, LeaseHeld
from keepers.domain.transaction.overview import Overview
from keepers.engine.ports import Progress
from keepers.engine.transactions.engine import TransactionEngine


@dataclass(frozen=True, slots=True)
class Passed:
    """What a pass came to.

    Attributes:
        other: Who works for the sender now, so that no pass was made.
        reached: Whether the nodes answered.
    """

    other: str | None = None
    reached: bool = True


def setup_for(settings: Settings, ledger: Ledger, overview: Overview) -> VaultSetup:
    """The vault with whose key and nodes a transaction is sent.

    Raises:
        CannotBeAsked: The settings have no such vault, or it is on another chain now.
    """
    record = overview.record
    chain_id, sender = record.intent.chain_id, record.intent.sender
    others = ledger.read(lambda connection: vaults_of(connection, chain_id, sender))
    name = next((each for each in (overview.vault, *others) if each in settings.vaults), None)
    if name is None:
        reason = f"the settings have no vault {overview.vault}"
        raise CannotBeAsked(record.intent_id, "sending", reason)
    setup = set_up(settings, name)
    if setup.chain.chain_id != chain_id:
        reason = f"it is on chain {chain_id}, and vault {name} is on {setup.chain.chain_id} now"
        raise CannotBeAsked(record.intent_id, "sending", reason)
    return setup


async def send_now(settings: Settings, ledger: Ledger, overview: Overview, say: Progress) -> Passed:
    """One armed pass for the sender of a transaction, unless somebody else works for it.

    Raises:
        CannotBeAsked: The settings name another key than has sent it.
        SigningError: The key cannot be used.
    """
    setup = setup_for(settings, ledger, overview)
    signer = make_signing(settings, setup.vault.signer)
    if signer.address.lower() != overview.record.intent.sender:
        reason = f"vault {setup.name} has the key of {signer.address} now"
        raise CannotBeAsked(overview.record.intent_id, "sending", reason)
    try:
        with alone(settings, setup, signer.address):
            async with connected(setup, signer.address) as chain:
                telemetry = KeeperTelemetry(Metrics(), setup.chain.chain_id, signer.address, say)
                async with engine_of(
                    settings,
                    setup,
                    ledger,
                    signer,
                    telemetry,
                    judges=judges_of(chain, setup),
                    armed=True,
                ) as engine:
                    return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeld as error:
        return Passed(other=error.holder)
    except KeeperAlreadyRunningError:
        return Passed(other="another process of this machine")


async def follow(
    settings: Settings, setup: VaultSetup, ledger: Ledger, sender: str, say: Progress
) -> Passed:
    """One pass that only follows receipts and nonces; no key is read."""
    address = to_checksum_address(sender)
    try:
        with alone(settings, setup, address):
            async with _follower(settings, setup, ledger, address, say) as engine:
                return Passed(reached=await engine.run_pass() is not None)
    except LeaseHeld as error:
        return Passed(other=error.holder)
    except KeeperAlreadyRunningError:
        return Passed(other="another process of this machine")


@asynccontextmanager
async def _follower(
    settings: Settings, setup: VaultSetup, ledger: Ledger, address: str, say: Progress
) -> AsyncGenerator[TransactionEngine]:
    idle = Idle(address)
    duties, telemetry = Duties(idle, idle, idle), LogTelemetry(say)
    async with (
        pool_of(setup.chain, Reverts(setup.addresses.tokens), partial(batch_gas, setup)) as nodes,
        connected(setup, address) as chain,
    ):
        judges, holder = judges_of(chain, setup), holder_of(settings.database)
        async with engine_with(
            setup, ledger, nodes, duties, telemetry, holder=holder, judges=judges, armed=False
        ) as engine:
            yield engine
