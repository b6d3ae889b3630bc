"""One run of the rebalance pipeline with everything that it needs."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from contextlib import ExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, replace

from keepers.adapters.chain.feeds import CoinPrice, FeedReader
from keepers.adapters.chain.market import VaultMarket
from keepers.adapters.chain.plans.contracts import VaultPlans
from keepers.adapters.chain.simulation import NodeSimulator
from keepers.adapters.chain.vault_chain import VaultChain
from keepers.adapters.store.journal import SqlJournal
from keepers.adapters.store.ledger.holding import HeldLease
from keepers.adapters.store.ledger.transact import Ledger, open_ledger
from keepers.adapters.store.tickets import SqlTickets
from keepers.adapters.store.yields import SqlYields
from keepers.adapters.telemetry.metrics import Metrics
from keepers.adapters.telemetry.runs import observe_run, sample_runs
from keepers.adapters.telemetry.vaults import observe_vault
from keepers.app.lock import only_keeper
from keepers.app.notifying import Unheard, courier_of, notifier_of
from keepers.app.sending import engine_of, holder_of
from keepers.app.settings import Settings
from keepers.app.settings.values import SQLITE_FILE
from keepers.app.signers import make_signing
from keepers.app.system_clock import SystemClock
from keepers.app.telemetry import KeeperTelemetry
from keepers.app.wiring import VaultSetup, connected, set_up, settlement_of
from keepers.domain.numerals import parse_exact
from keepers.domain.run import ACTION, RunRecord, RunStatus
from keepers.domain.tier_plan import TriggerChoice
from keepers.domain.vault import VaultSnapshot
from keepers.engine.crash import crash_point
from keepers.engine.policy import RunPolicy
from keepers.engine.ports import Journal, Notifier, Progress
from keepers.engine.rebalance.judging import ActionJudge
from keepers.engine.rebalance.pipeline import run_once
from keepers.engine.rebalance.risk import RiskReadings
from keepers.engine.rebalance.rolling_back import roll_back
from keepers.engine.rebalance.world import World
from keepers.engine.transactions.engine import TransactionEngine

DAY_SECONDS = 86_400
MARGIN_SECONDS = 60
"""A vault's lease is longer by this than the longest wait of a run."""


async def rebalance(
    settings: Settings,
    vault: str | None,
    trigger: TriggerChoice,
    *,
    arm: bool,
    say: Progress,
    metrics: Metrics | None = None,
) -> RunRecord:
    """Run once, as the only keeper of the vault and of its key.

    Args:
        settings: The settings in force.
        vault: The vault's name, None for the only one.
        trigger: What to judge.
        arm: Whether to send, which the settings may also say.
        say: Where progress goes.
        metrics: What is counted and measured.
    """
    async with working(settings, vault, arm=arm, say=say, metrics=metrics) as work:
        record = await run_once(work.world, trigger, armed=work.armed)
        if metrics is not None and record.status is not RunStatus.OPEN:
            observe_run(metrics, record)
        return record


async def undo(
    settings: Settings, vault: str | None, run_id: str, *, arm: bool, say: Progress
) -> RunRecord:
    """Plan the reverse of a run, and ask for its approval; arguments as of `rebalance`."""
    async with working(settings, vault, arm=arm, say=say) as work:
        return await roll_back(work.world, run_id, armed=work.armed)


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


@dataclass(frozen=True, slots=True)
class Work:
    """A vault's world while a process may work for it, and whether it may send."""

    world: World
    armed: bool


@asynccontextmanager
async def working(
    settings: Settings,
    vault: str | None,
    *,
    arm: bool,
    say: Progress,
    metrics: Metrics | None = None,
) -> AsyncGenerator[Work]:
    """Everything that a vault's runs need, as its only keeper; arguments as of `rebalance`."""
    setup = set_up(settings, vault)
    signer = make_signing(settings, setup.vault.signer)
    armed = arm or settings.armed
    with (
        alone(settings, setup, signer.address),
        opened(settings) as ledger,
        closing(_journal(settings, setup, ledger)) as journal,
    ):
        async with connected(setup, signer.address) as chain:
            judges = {ACTION: ActionJudge(chain.action_of)}
            counted = Metrics() if metrics is None else metrics
            notifier = notifier_of(settings, ledger) if armed else None
            whose = (setup.chain.chain_id, signer.address)
            telemetry = KeeperTelemetry(counted, *whose, say, notifier)
            async with engine_of(
                settings, setup, ledger, signer, telemetry, judges=judges, armed=armed
            ) as engine:
                world = await _world(
                    setup,
                    chain,
                    engine=engine,
                    ledger=ledger,
                    journal=journal,
                    notifier=notifier or Unheard(),
                    say=say,
                )
                seen = replace(world, chain=SeenChain(chain, counted))
                try:
                    yield Work(seen, armed)
                finally:
                    sample_runs(counted, ledger, setup.name)
            if armed and settings.notifications.urls:
                await courier_of(settings, ledger).deliver()


@contextmanager
def alone(settings: Settings, setup: VaultSetup, address: str) -> Generator[None]:
    """No other process of this machine works for the vault or with the key.

    Raises:
        KeeperAlreadyRunningError: One does.
    """
    with ExitStack() as stack:
        if settings.database.startswith(SQLITE_FILE):
            for what in (f"vault {setup.name}", f"key {setup.chain.chain_id} {address}"):
                stack.enter_context(only_keeper(settings.database, what))
        yield


@contextmanager
def opened(settings: Settings) -> Generator[Ledger]:
    """The ledger, closed afterwards."""
    ledger = open_ledger(settings.database, crash_point)
    try:
        yield ledger
    finally:
        ledger.close()


def _journal(settings: Settings, setup: VaultSetup, ledger: Ledger) -> SqlJournal:
    """The journal of a vault, fenced by a lease on it."""
    seconds = setup.chain.confirmation_timeout_seconds + MARGIN_SECONDS
    holder = holder_of(settings.database)
    return SqlJournal(ledger, HeldLease(ledger, f"vault:{setup.name}", holder, seconds))


async def _world(
    setup: VaultSetup,
    chain: VaultChain,
    *,
    engine: TransactionEngine,
    ledger: Ledger,
    journal: Journal,
    notifier: Notifier,
    say: Progress,
) -> World:
    settlement = await settlement_of(chain)
    assert chain.keeper is not None  # noqa: S101 - a run has one
    return World(
        vault=setup.name,
        chain_id=setup.chain.chain_id,
        journal=journal,
        chain=chain,
        market=VaultMarket(chain.node, chain.addresses),
        simulator=NodeSimulator(chain.node, chain.addresses.controller),
        keeper=chain.keeper,
        transactions=engine,
        tickets=SqlTickets(ledger),
        plans=VaultPlans(chain.node, chain.addresses.controller),
        notifier=notifier,
        readings=RiskReadings(
            FeedReader(chain.node, chain.addresses, _coin_price(setup)), SqlYields(ledger)
        ),
        clock=SystemClock(),
        policy=policy_of(setup, settlement.decimals),
        say=say,
    )


def _coin_price(setup: VaultSetup) -> CoinPrice:
    """Where the price of the chain's coin comes from."""
    price = setup.vault.coin_price
    return CoinPrice(setup.vault.coin_feed, None if price is None else parse_exact(price))


def policy_of(setup: VaultSetup, decimals: int) -> RunPolicy:
    """What the settings allow a run to do."""
    vault, chain = setup.vault, setup.chain
    return RunPolicy(
        tiers=vault.tier_config(decimals),
        minimum_output_tolerance_bps=vault.minimum_output_tolerance_bps,
        warn_slippage_bps=vault.warn_slippage_bps,
        block_slippage_bps=vault.block_slippage_bps,
        verification_tolerance_bps=vault.verification_tolerance_bps,
        plan_expiry_seconds=vault.plan_expiry_seconds,
        warn_impact_bps=vault.warn_impact_bps,
        block_impact_bps=vault.block_impact_bps,
        volatility_bps=vault.volatility_bps,
        volatility_window_seconds=vault.volatility_window_seconds,
        gain_horizon_seconds=vault.gain_horizon_days * DAY_SECONDS,
        maximum_gas_share_bps=vault.maximum_gas_share_bps,
        gas_limit=vault.gas_limit,
        minimum_gas_balance=vault.minimum_gas_balance_wei,
        confirmation_timeout_seconds=float(chain.confirmation_timeout_seconds),
    )
