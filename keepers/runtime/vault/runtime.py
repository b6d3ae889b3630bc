"""Everything that works for a vault in one process, as its only keeper."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import (
    AbstractContextManager,
    asynccontextmanager,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from functools import partial

from keepers.chain.plans.vault import VaultPlans
from keepers.chain.pool import Members
from keepers.chain.recurring.events import RecurringFailures
from keepers.chain.simulation import NodeSimulator
from keepers.chain.vault.feeds import FeedReader
from keepers.chain.vault.maintenance import MaintenanceReader
from keepers.chain.vault.market import VaultMarket
from keepers.chain.vault.snapshot import VaultChain
from keepers.chain.vault.survey import VaultSurvey
from keepers.chain.vault.weights import VaultPortfolios
from keepers.config import Settings
from keepers.model.errors.run import StoreUnavailableError
from keepers.model.ports import Chain, Notifier, Progress
from keepers.model.recurring import RunReport, scope_of
from keepers.model.vault import VaultSnapshot
from keepers.runs.maintenance import MaintenanceDependencies
from keepers.runs.policy import RunPolicy
from keepers.runs.recurring import RecurringDependencies
from keepers.runs.recurring.failures import FailureReader
from keepers.runs.tiers.dependencies import RiskReadings, TierRunDependencies
from keepers.runs.weights import WeightRunDependencies
from keepers.runtime.process.database import alone, opened
from keepers.runtime.process.leases import kept, lease_seconds
from keepers.runtime.process.nodes import members_of
from keepers.runtime.process.notifications import Unheard, delivering, notifier_of
from keepers.runtime.process.signers import make_signing
from keepers.runtime.process.system_clock import SystemClock
from keepers.runtime.process.telemetry import KeeperTelemetry
from keepers.runtime.process.transaction_engine import engine_of, holder_of
from keepers.runtime.senders import sender_of_vault
from keepers.runtime.vault.recurring import recurring_addresses, recurring_jobs
from keepers.runtime.vault.sender import judges_of
from keepers.runtime.vault.setup import VaultSetup, coin_price_of, connected, policy_of, set_up
from keepers.store.chain_events import ChainEventRepository, FailureCursors
from keepers.store.database import Database
from keepers.store.leases import HeldLease
from keepers.store.runs import Closed, MaintenanceRunRepository, RunRepository, WeightsRunRepository
from keepers.store.tickets import TicketRepository
from keepers.store.yields import YieldRepository
from keepers.telemetry.metrics import Metrics
from keepers.telemetry.samples import sample_notifications
from keepers.telemetry.vaults import observe_paid_run, observe_run, observe_vault, sample_runs
from keepers.transactions.engine import TransactionEngine


@dataclass(frozen=True, slots=True)
class SeenChain:
    """A vault's chain, whose snapshots are measured."""

    chain: VaultChain
    metrics: Metrics

    async def snapshot(self, block: int | None = None) -> VaultSnapshot:
        """The vault at a block, the newest by default."""
        found = await self.chain.snapshot(block)
        if block is None:
            observe_vault(self.metrics, found)
        return found


@dataclass(slots=True)
class Memory:
    """What one piece of work in a process leaves to the next: what a vault will be asked."""

    survey: VaultSurvey | None = None


def _survey_of(setup: VaultSetup, memory: Memory | None) -> VaultSurvey:
    """The remembered one, if it is of the vault as it is configured and deployed now."""
    addresses, coin_feed = setup.addresses, coin_price_of(setup).read_feed
    known = None if memory is None else memory.survey
    if known is None or not known.is_of(addresses, coin_feed):
        known = VaultSurvey(addresses, coin_feed)
    if memory is not None:
        memory.survey = known
    return known


@dataclass(frozen=True, slots=True)
class Work:
    """A vault's worlds while a process may work for it, and whether it may send."""

    world: TierRunDependencies
    upkeep: MaintenanceDependencies
    weights: WeightRunDependencies
    armed: bool
    recurring: RecurringDependencies | None = None


@asynccontextmanager
async def working(
    settings: Settings,
    vault: str | None,
    *,
    arm: bool,
    progress: Progress,
    metrics: Metrics | None = None,
    memory: Memory | None = None,
) -> AsyncGenerator[Work]:
    """Everything that a vault's runs need, as its only keeper; messages leave at the end.

    Args:
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        arm: Whether to send, which the settings may also say.
        progress: Where progress goes.
        metrics: What is counted and measured.
        memory: What earlier work of this process knows of the vault.
    """
    setup = set_up(settings, vault)
    sender = sender_of_vault(setup)
    signer = make_signing(settings, setup.vault.signer)
    armed = arm or settings.armed
    counted = Metrics() if metrics is None else metrics
    with (
        alone(settings, sender, signer.address),
        opened(settings) as ledger,
        _sampled(counted, ledger, setup.name),
    ):
        notifier = notifier_of(settings, ledger) if armed else None
        telemetry = KeeperTelemetry(
            counted, setup.chain.chain_id, signer.address, progress, notifier
        )
        async with (
            delivering(settings, ledger, armed=armed),
            members_of(setup.chain) as members,
            connected(setup, signer.address, members, _survey_of(setup, memory)) as chain,
            engine_of(
                settings,
                sender,
                ledger,
                signer,
                telemetry,
                judges=judges_of(chain, setup),
                armed=armed,
            ) as engine,
        ):
            seen, closed = SeenChain(chain, counted), partial(observe_run, counted)
            paid = partial(observe_paid_run, counted, setup.chain.chain_id, setup.name)
            bench = Bench(setup, chain, seen, engine, ledger, members, progress, closed, paid)
            with _leased(settings, setup, ledger) as lease:
                yield await bench.work(lease, notifier or Unheard(), armed=armed)


@contextmanager
def _sampled(metrics: Metrics, ledger: Database, vault: str) -> Generator[None]:
    """Measure runs and messages at the end, also of work that failed: it may be stuck in one."""
    try:
        yield
    finally:
        with suppress(StoreUnavailableError):  # who cannot read it says so elsewhere
            sample_runs(metrics, ledger, vault)
            sample_notifications(metrics, ledger)


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts of which a vault's worlds are put together."""

    setup: VaultSetup
    chain: VaultChain
    seen: Chain
    engine: TransactionEngine
    ledger: Database
    members: Members
    progress: Progress
    closed: Closed
    paid: Callable[[RunReport], None]

    async def work(self, lease: HeldLease, notifier: Notifier, *, armed: bool) -> Work:
        """All worlds, on one lease of the vault."""
        policy = policy_of(self.setup, (await self.chain.settlement()).decimals)
        world = self._world(policy, lease, notifier)
        portfolios = VaultPortfolios(self.chain.node, self.chain.addresses, self._keeper)
        weights = WeightRunDependencies.beside(
            world, WeightsRunRepository(self.ledger, lease, self.closed), portfolios
        )
        upkeep = self._upkeep(policy, lease)
        return Work(world, upkeep, weights, armed, self._recurring(policy, lease, notifier))

    def _world(
        self, policy: RunPolicy, lease: HeldLease, notifier: Notifier
    ) -> TierRunDependencies:
        chain = self.chain
        feeds = FeedReader(chain.node, chain.addresses, coin_price_of(self.setup), chain.reads)
        return TierRunDependencies(
            vault=self.setup.name,
            chain_id=self.setup.chain.chain_id,
            journal=RunRepository(self.ledger, lease, self.closed),
            chain=self.seen,
            market=VaultMarket(chain.node, chain.addresses, chain.reads),
            simulator=NodeSimulator(chain.node, chain.addresses.controller),
            keeper=self._keeper,
            transactions=self.engine,
            tickets=TicketRepository(self.ledger),
            plans=VaultPlans(chain.node, chain.addresses.controller),
            notifier=notifier,
            readings=RiskReadings(feeds, YieldRepository(self.ledger)),
            clock=SystemClock(),
            policy=policy,
            progress=self.progress,
        )

    def _upkeep(self, policy: RunPolicy, lease: HeldLease) -> MaintenanceDependencies:
        chain = self.chain
        least = policy.tiers.rebalance_min_amount
        return MaintenanceDependencies(
            vault=self.setup.name,
            chain_id=self.setup.chain.chain_id,
            journal=MaintenanceRunRepository(self.ledger, lease),
            chain=self.seen,
            chores=MaintenanceReader(chain.node, chain.addresses, least),
            keeper=self._keeper,
            transactions=self.engine,
            clock=SystemClock(),
            policy=policy,
            progress=self.progress,
        )

    def _recurring(
        self, policy: RunPolicy, lease: HeldLease, notifier: Notifier
    ) -> RecurringDependencies | None:
        """Where this vault's key is for it, and the contracts are there."""
        if self.setup.recurring is None or recurring_addresses(self.setup.deployment) is None:
            return None
        scope, chain_id = scope_of(self.setup.name), self.setup.chain.chain_id
        places = FailureCursors(ChainEventRepository(self.ledger, scope, chain_id, lease), lease)
        return RecurringDependencies(
            vault=scope,
            chain_id=chain_id,
            journal=MaintenanceRunRepository(self.ledger, lease),
            jobs=recurring_jobs(self.setup, self.chain.node),
            failures=FailureReader(
                RecurringFailures(self.members),
                places,
                confirmations=self.setup.chain.confirmations,
            ),
            notifier=notifier,
            keeper=self._keeper,
            transactions=self.engine,
            clock=SystemClock(),
            policy=policy,
            recurring=self.setup.recurring.policy(),
            progress=self.progress,
            observe=self.paid,
        )

    @property
    def _keeper(self) -> str:
        assert self.chain.keeper is not None  # noqa: S101 - who works has one
        return self.chain.keeper


def _leased(
    settings: Settings, setup: VaultSetup, ledger: Database
) -> AbstractContextManager[HeldLease]:
    """The lease that fences the vault's runs; it is taken at the first write, and given back."""
    seconds = lease_seconds(settings, setup.chain.lease_seconds)
    holder = holder_of(settings.database)
    return kept(settings, HeldLease(ledger, f"vault:{setup.name}", holder, seconds))
