"""Everything that works for the treasuries in one process, as their only keeper."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from keepers.config import Settings
from keepers.model.inventory_state import InventorySettings
from keepers.model.ports import Notifier, Progress
from keepers.runtime.process.database import alone, opened
from keepers.runtime.process.leases import kept, lease_seconds
from keepers.runtime.process.nodes import members_of
from keepers.runtime.process.notifications import Unheard, delivering, notifier_of
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.telemetry import KeeperTelemetry, measuring_messages
from keepers.runtime.process.transaction_engine import engine_of, holder_of
from keepers.runtime.senders import sender_of_treasury
from keepers.runtime.treasury.bridges import bridges_of
from keepers.runtime.treasury.chain_runtime import Post, inventory_of, post_of
from keepers.runtime.treasury.inventory_settings import inventory_settings
from keepers.runtime.treasury.metrics import MeasuredBridge, MeasuredNotifier, TreasuryGauge
from keepers.runtime.treasury.sender import treasury_judges
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.transfers import treasury_lease
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.treasuries import MeasuredTransfers
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.dependencies import TransferDependencies

LOOKS = 3
"""A pass of a chain's engine asks in several rounds, each of which may take a look's time."""


@dataclass(frozen=True, slots=True)
class TreasuryWork:
    """The treasuries' world while a process may work for them, what is measured, may it send."""

    setup: TreasurySetup
    world: TransferDependencies
    inventory: InventoryDependencies
    gauge: TreasuryGauge
    armed: bool
    acquire: Callable[[], None]
    """Acquires the lease on all transfers; raises `LeaseHeldError` while another keeper has it."""

    @property
    def poll_seconds(self) -> float:
        """How often chains are looked at while a transaction is waited for."""
        return min(float(each.chain.poll_interval_seconds) for each in self.setup.chains.values())


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts that the chains of one process share."""

    settings: Settings
    setup: TreasurySetup
    ledger: Database
    metrics: Metrics
    notifier: Notifier | None
    progress: Progress
    armed: bool


@asynccontextmanager
async def treasury_working(
    settings: Settings, *, arm: bool, progress: Progress, metrics: Metrics | None = None
) -> AsyncGenerator[TreasuryWork]:
    """Everything that transfers need, as their only keeper; messages leave at the end.

    Args:
        settings: The settings in force.
        arm: Whether to send, which the settings may also say.
        progress: Where progress goes.
        metrics: What is counted and measured.

    Raises:
        InputError, DeploymentError: Settings or deployments do not fit.
        KeeperAlreadyRunningError: Another process of this machine works for them.
    """
    setup = set_up_treasury(settings)
    armed = arm or settings.armed
    counted = Metrics() if metrics is None else metrics
    async with AsyncExitStack() as stack:
        ledger = stack.enter_context(opened(settings))
        notifier = notifier_of(settings, ledger) if armed else None
        stack.enter_context(measuring_messages(counted, ledger))
        await stack.enter_async_context(delivering(settings, ledger, armed=armed))
        bench = Bench(settings, setup, ledger, counted, notifier, progress, armed)
        opened_chains = [
            await stack.enter_async_context(_chain(bench, each)) for each in setup.chains.values()
        ]
        posts = {each.chain.chain_id: each for each in opened_chains}
        readers = {chain_id: each.reader for chain_id, each in posts.items()}
        keepers = {chain_id: each.chain.keeper for chain_id, each in posts.items()}
        bridges = await stack.enter_async_context(
            bridges_of(settings, setup, readers, keepers=keepers)
        )
        lease = stack.enter_context(_transfer_lease(settings, ledger))
        wanted = inventory_settings(setup)
        world = TransferDependencies(
            chains={chain_id: each.chain for chain_id, each in posts.items()},
            bridges={name: MeasuredBridge(each, counted) for name, each in bridges.items()},
            transfers=MeasuredTransfers(ledger, lease, counted, partial(_decimals, wanted)),
            notifier=MeasuredNotifier(notifier or Unheard(), counted),
            clock=SystemClock(),
            progress=progress,
            decimals=partial(_decimals, wanted),
            pass_seconds=LOOKS * wanted.look_seconds,
        )
        inventory = inventory_of(world, wanted, posts, ledger)
        gauge = TreasuryGauge(counted, setup)
        yield TreasuryWork(setup, world, inventory, gauge, armed, lease.acquire)


@asynccontextmanager
async def _chain(bench: Bench, each: TreasuryChainSetup) -> AsyncGenerator[Post]:
    """One chain: its nodes, its key, its engine."""
    sender = sender_of_treasury(bench.setup, each)
    signer = make_signing(bench.settings, each.treasury.signer)
    telemetry = KeeperTelemetry(
        bench.metrics, each.chain.chain_id, signer.address, bench.progress, bench.notifier
    )
    judges = treasury_judges(each.deployment.treasury)
    with alone(bench.settings, sender, signer.address):
        async with (
            members_of(each.chain) as members,
            engine_of(
                bench.settings,
                sender,
                bench.ledger,
                signer,
                telemetry,
                judges=judges,
                armed=bench.armed,
            ) as engine,
        ):
            yield post_of(each, members, engine, bench.ledger, signer.address)


def _transfer_lease(settings: Settings, ledger: Database) -> AbstractContextManager[HeldLease]:
    """The lease on the transfers, as long as the clock's: both go to another keeper together."""
    seconds = lease_seconds(settings, settings.service.clock_lease_seconds)
    lease = treasury_lease(ledger, holder=holder_of(settings.database), seconds=seconds)
    return kept(settings, lease)


def _decimals(wanted: InventorySettings, chain_id: int, asset: str) -> int | None:
    found = wanted.asset(chain_id, asset)
    return None if found is None else found.decimals
