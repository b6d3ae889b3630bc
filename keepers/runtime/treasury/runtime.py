"""Runtime of the treasuries in one process: as their only keeper, or for reads only."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from uuid import uuid4

from keepers.bridges.lane import Chains
from keepers.chain.node import Node
from keepers.config import Settings
from keepers.model.inventory_state import InventorySettings
from keepers.model.ports import Progress
from keepers.model.transaction_records import account_scope
from keepers.model.transfer_record import TREASURY
from keepers.runtime.process.database import opened
from keepers.runtime.process.nodes import NO_CONTRACT
from keepers.runtime.process.notifications import NullNotifier
from keepers.runtime.process.runtime import OwnerRuntime, owner_runtime
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.transaction_engine import keyless_engine
from keepers.runtime.treasury.bridges import bridges_of
from keepers.runtime.treasury.chain_runtime import ChainRuntime, chain_runtime, inventory_of
from keepers.runtime.treasury.guarded_bridge import unasked
from keepers.runtime.treasury.metrics import MeasuredBridge, MeasuredNotifier, TreasuryGauge
from keepers.runtime.treasury.sender import sender_of_treasury
from keepers.runtime.treasury.setup import (
    TreasuryChainSetup,
    TreasurySetup,
    inventory_settings,
    set_up_treasury,
)
from keepers.store.database import Database
from keepers.store.transfers import TransferRepository
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.treasuries import MeasuredTransfers
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.machine.dependencies import TransferDependencies
from keepers.transfers.machine.ports import Bridge

ROUNDS = 3
"""Rounds of requests in a pass of a chain's engine; each may take as long as a snapshot."""


@dataclass(frozen=True, slots=True)
class TreasuryRuntime:
    """Dependencies of the treasuries' transfers in a process that works for them."""

    setup: TreasurySetup
    inventory: InventoryDependencies
    gauge: TreasuryGauge
    armed: bool
    acquire: Callable[[], None]
    """Acquires the lease on all transfers; raises `LeaseHeldError` if another keeper holds it."""

    @property
    def machine(self) -> TransferDependencies:
        """Dependencies of the transfer machine."""
        return self.inventory.machine

    @property
    def poll_seconds(self) -> float:
        """Seconds between polls of the chains while waiting for a transaction."""
        return min(float(each.chain.poll_interval_seconds) for each in self.setup.chains.values())


@dataclass(frozen=True, slots=True)
class TreasuryReading:
    """Treasuries for reads only; nodes by chain id."""

    setup: TreasurySetup
    inventory: InventoryDependencies
    database: Database
    nodes: Mapping[int, Node] = field(default_factory=dict[int, Node])


@asynccontextmanager
async def treasury_runtime(
    settings: Settings, *, arm: bool, progress: Progress, metrics: Metrics | None = None
) -> AsyncGenerator[TreasuryRuntime]:
    """Open the runtime of the treasuries, as their only keeper; messages are sent at the end.

    Args:
        settings: The effective settings.
        arm: Whether to send; the settings may enable it too.
        progress: Receives progress lines.
        metrics: Receives counts and measurements.

    Raises:
        InputError, DeploymentError: The settings or deployments cannot be used.
        KeeperAlreadyRunningError: Another process of this machine works for the treasuries.
    """
    setup = set_up_treasury(settings)
    senders = [sender_of_treasury(setup, each) for each in setup.chains.values()]
    async with (
        owner_runtime(settings, senders, arm=arm, progress=progress, metrics=metrics) as runtime,
        _opened(setup, partial(_chain, runtime, setup)) as chains,
        bridges_of(settings, setup, _readers(chains), keepers=_keepers(chains)) as bridges,
    ):
        # The transfers' lease is as long as the clock's, so that both change keepers together.
        scope, seconds = account_scope(TREASURY), settings.service.clock_lease_seconds
        with runtime.lease(scope, seconds) as lease:
            wanted, counted = inventory_settings(setup), runtime.metrics
            decimals = partial(_decimals, wanted)
            machine = TransferDependencies(
                chains={key: each.chain for key, each in chains.items()},
                bridges={name: MeasuredBridge(each, counted) for name, each in bridges.items()},
                transfers=MeasuredTransfers(runtime.database, lease, counted, decimals),
                notifier=MeasuredNotifier(runtime.notifier, counted),
                clock=SystemClock(),
                progress=progress,
                decimals=decimals,
                pass_seconds=ROUNDS * wanted.look_seconds,
            )
            inventory = inventory_of(machine, wanted, chains, runtime.database)
            gauge = TreasuryGauge(counted, setup)
            yield TreasuryRuntime(setup, inventory, gauge, runtime.armed, lease.acquire)


@asynccontextmanager
async def treasury_reading(
    settings: Settings, *, with_bridges: bool
) -> AsyncGenerator[TreasuryReading]:
    """Open the treasuries for reads, alongside any keeper: no key is read, no lease acquired.

    Args:
        settings: The effective settings.
        with_bridges: Whether bridges may be asked, which requires their keys.

    Raises:
        InputError, DeploymentError: The settings or deployments cannot be used.
        SecretUnavailableError: A bridge's key is not where the settings say.
    """
    setup = set_up_treasury(settings)
    async with AsyncExitStack() as stack:
        database = stack.enter_context(opened(settings))
        chains = await stack.enter_async_context(
            _opened(setup, partial(_keyless_chain, settings, setup, database))
        )
        bridges: Mapping[str, Bridge] = unasked(setup)
        if with_bridges:
            bridges = await stack.enter_async_context(
                bridges_of(settings, setup, _readers(chains), keepers=_keepers(chains))
            )
        machine = TransferDependencies(
            chains={key: each.chain for key, each in chains.items()},
            bridges=bridges,
            transfers=TransferRepository(database),
            notifier=NullNotifier(),
            clock=SystemClock(),
            progress=_ignore,
        )
        inventory = inventory_of(machine, inventory_settings(setup), chains, database)
        nodes = {key: each.node for key, each in chains.items()}
        yield TreasuryReading(setup, inventory, database, nodes)


@asynccontextmanager
async def _opened(
    setup: TreasurySetup,
    chain: Callable[[TreasuryChainSetup], AbstractAsyncContextManager[ChainRuntime]],
) -> AsyncGenerator[Mapping[int, ChainRuntime]]:
    """Open all chains, by chain id."""
    async with AsyncExitStack() as stack:
        yield {
            each.chain.chain_id: await stack.enter_async_context(chain(each))
            for each in setup.chains.values()
        }


@asynccontextmanager
async def _chain(
    runtime: OwnerRuntime, setup: TreasurySetup, each: TreasuryChainSetup
) -> AsyncGenerator[ChainRuntime]:
    sender = sender_of_treasury(setup, each)
    async with (
        runtime.engine(sender) as engine,
        chain_runtime(each, engine, runtime.database, runtime.account(sender)) as chain,
    ):
        yield chain


@asynccontextmanager
async def _keyless_chain(
    settings: Settings, setup: TreasurySetup, database: Database, each: TreasuryChainSetup
) -> AsyncGenerator[ChainRuntime]:
    """Open a chain for the first keeper in its deployments file."""
    sender = sender_of_treasury(setup, each)
    keeper = next(iter(each.deployment.keepers), NO_CONTRACT)
    holder = f"looking {uuid4().hex}"  # it never acquires a lease
    async with (
        keyless_engine(
            settings, sender, database, keeper, progress=_ignore, holder=holder
        ) as engine,
        chain_runtime(each, engine, database, keeper) as chain,
    ):
        yield chain


def _readers(chains: Mapping[int, ChainRuntime]) -> Chains:
    return {key: each.reader for key, each in chains.items()}


def _keepers(chains: Mapping[int, ChainRuntime]) -> Mapping[int, str]:
    return {key: each.chain.keeper for key, each in chains.items()}


def _decimals(wanted: InventorySettings, chain_id: int, asset: str) -> int | None:
    found = wanted.asset(chain_id, asset)
    return None if found is None else found.decimals


def _ignore(_: str, /) -> None:
    """Drop a progress line."""
