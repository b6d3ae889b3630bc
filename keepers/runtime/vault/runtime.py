"""Runtime of a vault in one process, as its only keeper."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from keepers.chain.contracts.approved_plans import VaultPlans
from keepers.chain.pool import Members
from keepers.chain.recurring.events import RecurringFailures
from keepers.chain.vault.feeds import FeedReader
from keepers.chain.vault.maintenance import MaintenanceReader
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.simulation import NodeSimulator
from keepers.chain.vault.snapshot import VaultChain
from keepers.chain.vault.survey import VaultSurvey
from keepers.chain.vault.weights import VaultPortfolios
from keepers.config import Settings
from keepers.model.ports import Chain, Progress
from keepers.model.recurring import RunReport, scope_of
from keepers.model.vault import VaultSnapshot
from keepers.runs.maintenance import MaintenanceDependencies
from keepers.runs.policy import RunPolicy
from keepers.runs.recurring import RecurringDependencies
from keepers.runs.recurring.failures import FailureReader
from keepers.runs.tiers.dependencies import RiskReadings, TierRunDependencies
from keepers.runs.weights import WeightRunDependencies
from keepers.runtime.process.nodes import members_of
from keepers.runtime.process.runtime import OwnerRuntime, owner_runtime
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.vault.sender import sender_of_vault
from keepers.runtime.vault.setup import (
    VaultSetup,
    coin_price_of,
    connected,
    policy_of,
    recurring_addresses,
    recurring_jobs,
    set_up,
)
from keepers.store.chain_events import ChainEventRepository, FailureCursors
from keepers.store.leases import HeldLease
from keepers.store.runs import Closed, MaintenanceRunRepository, RunRepository, WeightsRunRepository
from keepers.store.tickets import TicketRepository
from keepers.store.yields import YieldRepository
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.vaults import observe_paid_run, observe_run, observe_vault, sample_runs
from keepers.transactions.engine import TransactionEngine


@dataclass(frozen=True, slots=True)
class MeasuredChain:
    """A vault's chain with measured snapshots."""

    chain: VaultChain
    metrics: Metrics

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """Return the vault at a block, the newest by default."""
        found = await self.chain.snapshot(block)
        if block is None:
            observe_vault(self.metrics, found)
        return found


@dataclass(slots=True)
class Memory:
    """Survey of a vault that is kept between tasks of a process."""

    survey: VaultSurvey | None = None


def _survey_of(setup: VaultSetup, memory: Memory | None) -> VaultSurvey:
    """Return the remembered survey, if it matches the current configuration and deployment."""
    addresses, coin_feed = setup.addresses, coin_price_of(setup).read_feed
    known = None if memory is None else memory.survey
    if known is None or not known.is_of(addresses, coin_feed):
        known = VaultSurvey(addresses, coin_feed)
    if memory is not None:
        memory.survey = known
    return known


@dataclass(frozen=True, slots=True)
class VaultRuntime:
    """Dependencies of a vault's runs in a process that works for it, and whether it may send."""

    tiers: TierRunDependencies
    maintenance: MaintenanceDependencies
    weights: WeightRunDependencies
    armed: bool
    recurring: RecurringDependencies | None = None


@asynccontextmanager
async def vault_runtime(
    settings: Settings,
    vault: str | None,
    *,
    arm: bool,
    progress: Progress,
    metrics: Metrics | None = None,
    memory: Memory | None = None,
) -> AsyncGenerator[VaultRuntime]:
    """Open the runtime of a vault, as its only keeper; messages are sent at the end.

    Args:
        settings: The effective settings.
        vault: The vault's name; None for the only vault.
        arm: Whether to send; the settings may enable it too.
        progress: Receives progress lines.
        metrics: Receives counts and measurements.
        memory: Knowledge of the vault kept from earlier work of this process.
    """
    setup = set_up(settings, vault)
    sender = sender_of_vault(setup)
    async with (
        owner_runtime(
            settings,
            (sender,),
            arm=arm,
            progress=progress,
            metrics=metrics,
            measure=lambda counted, database: sample_runs(counted, database, setup.name),
        ) as runtime,
        members_of(setup.chain) as members,
        connected(setup, runtime.account(sender), members, _survey_of(setup, memory)) as chain,
        runtime.engine(sender) as engine,
    ):
        with runtime.lease(f"vault:{setup.name}", setup.chain.lease_seconds) as lease:
            policy = policy_of(setup, (await chain.settlement()).decimals)
            parts = (runtime, setup, runtime.account(sender), chain, members, engine, lease)
            yield _Builder(*parts, policy).build()


@dataclass(frozen=True, slots=True)
class _Builder:
    """Builder of the dependencies of a vault's runs, on one lease of the vault."""

    runtime: OwnerRuntime
    setup: VaultSetup
    keeper: str
    chain: VaultChain
    members: Members
    engine: TransactionEngine
    lease: HeldLease
    policy: RunPolicy

    def build(self) -> VaultRuntime:
        """Return the dependencies of every kind of run."""
        tiers = self._tiers()
        chain, database = self.chain, self.runtime.database
        store = WeightsRunRepository(database, self.lease, self._closed)
        portfolios = VaultPortfolios(chain.node, chain.addresses, self.keeper)
        weights = WeightRunDependencies.beside(tiers, store, portfolios)
        return VaultRuntime(
            tiers, self._maintenance(), weights, self.runtime.armed, self._recurring()
        )

    def _tiers(self) -> TierRunDependencies:
        chain = self.chain
        feeds = FeedReader(chain.node, chain.addresses, coin_price_of(self.setup), chain.reads)
        return TierRunDependencies(
            vault=self.setup.name,
            chain_id=self.setup.chain.chain_id,
            store=RunRepository(self.runtime.database, self.lease, self._closed),
            chain=self._measured,
            market=VaultMarket(chain.node, chain.addresses, chain.reads),
            simulator=NodeSimulator(chain.node, chain.addresses.controller),
            keeper=self.keeper,
            transactions=self.engine,
            tickets=TicketRepository(self.runtime.database),
            plans=VaultPlans(chain.node, chain.addresses.controller),
            notifier=self.runtime.notifier,
            readings=RiskReadings(feeds, YieldRepository(self.runtime.database)),
            clock=SystemClock(),
            policy=self.policy,
            progress=self.runtime.progress,
        )

    def _maintenance(self) -> MaintenanceDependencies:
        chain = self.chain
        least = self.policy.tiers.rebalance_min_amount
        return MaintenanceDependencies(
            vault=self.setup.name,
            chain_id=self.setup.chain.chain_id,
            store=MaintenanceRunRepository(self.runtime.database, self.lease),
            chain=self._measured,
            chores=MaintenanceReader(chain.node, chain.addresses, least),
            keeper=self.keeper,
            transactions=self.engine,
            clock=SystemClock(),
            policy=self.policy,
            progress=self.runtime.progress,
        )

    def _recurring(self) -> RecurringDependencies | None:
        """Return None unless this vault's key maintains them and the contracts are deployed."""
        if self.setup.recurring is None or recurring_addresses(self.setup.deployment) is None:
            return None
        scope, chain_id = scope_of(self.setup.name), self.setup.chain.chain_id
        cursors = FailureCursors(
            ChainEventRepository(self.runtime.database, scope, chain_id, self.lease), self.lease
        )
        return RecurringDependencies(
            vault=scope,
            chain_id=chain_id,
            store=MaintenanceRunRepository(self.runtime.database, self.lease),
            jobs=recurring_jobs(self.setup, self.chain.node),
            failures=FailureReader(
                RecurringFailures(self.members),
                cursors,
                confirmations=self.setup.chain.confirmations,
            ),
            notifier=self.runtime.notifier,
            keeper=self.keeper,
            transactions=self.engine,
            clock=SystemClock(),
            policy=self.policy,
            recurring=self.setup.recurring.policy(),
            progress=self.runtime.progress,
            observe=self._paid,
        )

    @property
    def _measured(self) -> Chain:
        return MeasuredChain(self.chain, self.runtime.metrics)

    @property
    def _closed(self) -> Closed:
        return partial(observe_run, self.runtime.metrics)

    @property
    def _paid(self) -> Callable[[RunReport], None]:
        chain_id = self.setup.chain.chain_id
        return partial(observe_paid_run, self.runtime.metrics, chain_id, self.setup.name)
