"""Settings, deployment and chain of one vault."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import dataclass

from keepers.chain.addresses import Addresses, RecurringAddresses, Token
from keepers.chain.node import Node
from keepers.chain.pool import Members
from keepers.chain.recurring.gas import BatchGas
from keepers.chain.recurring.jobs import RecurringJobs
from keepers.chain.vault.feeds import CoinPrice
from keepers.chain.vault.snapshot import VaultChain
from keepers.chain.vault.survey import VaultSurvey
from keepers.config import (
    ChainSettings,
    Deployment,
    Settings,
    VaultSettings,
    load_deployment,
)
from keepers.config.errors import DeploymentError
from keepers.config.service import RecurringSettings
from keepers.model.errors import InputError
from keepers.model.money import parse_exact
from keepers.runs.policy import RunPolicy
from keepers.runtime.process.nodes import NO_CONTRACT, members_of, node_over

VAULT_VARIABLE = "BALLAST_VAULT"


@dataclass(frozen=True, slots=True)
class VaultSetup:
    """Vault as configured and deployed.

    `recurring` is set if the vault's key maintains recurring rebalancers.
    """

    name: str
    vault: VaultSettings
    chain: ChainSettings
    deployment: Deployment
    recurring: RecurringSettings | None = None

    @property
    def addresses(self) -> Addresses:
        """Addresses of the vault's contracts."""
        return addresses_of(self.deployment)


def set_up(settings: Settings, name: str | None) -> VaultSetup:
    """Select a vault: the named one, else the one of BALLAST_VAULT, else the only one.

    Raises:
        InputError: There is no such vault, or several and none is named.
        DeploymentError: The deployments file cannot be used.
    """
    wanted = chosen_vault(settings, name)
    vault = settings.vaults[wanted]
    chain = settings.chains[vault.chain]
    deployment = load_deployment(chain.deployments, chain.chain_id)
    recurring = settings.recurring if settings.recurring.vault == wanted else None
    return VaultSetup(wanted, vault, chain, deployment, recurring)


def chosen_vault(settings: Settings, name: str | None) -> str:
    """Return the name of a vault, selected as in `set_up`; no file is read.

    Raises:
        InputError: There is no such vault, or several and none is named.
    """
    wanted = name or os.environ.get(VAULT_VARIABLE)
    known = ", ".join(sorted(settings.vaults))
    if not settings.vaults:
        raise InputError("--vault", "the settings have no vault; add a table [vaults.NAME]")
    if wanted is None:
        if len(settings.vaults) > 1:
            raise InputError("--vault", f"name one of {known}, or set {VAULT_VARIABLE}")
        wanted = next(iter(settings.vaults))
    if wanted not in settings.vaults:
        raise InputError("--vault", f"there is no vault {wanted!a}, only {known}")
    return wanted


def addresses_of(deployment: Deployment) -> Addresses:
    """Return the addresses in a deployments file that the keeper needs."""
    external, queue = deployment.external, deployment.contracts.get("RedemptionQueue")
    kill_switch = deployment.contracts.get("KillSwitch")
    return Addresses(
        vault=deployment.address("LiquidityVault"),
        controller=deployment.address("AssetController"),
        portfolios=(deployment.address("PortfolioL2"), deployment.address("PortfolioL3")),
        oracle=deployment.address("PriceOracle"),
        multicall3=external.get("multicall3", NO_CONTRACT),
        quoter=external.get("uniswap_quoter", NO_CONTRACT),
        tokens={
            token.address: Token(symbol, token.decimals)
            for symbol, token in deployment.tokens.items()
        },
        queue=None if queue is None else queue.address,
        kill_switch=None if kill_switch is None else kill_switch.address,
    )


@asynccontextmanager
async def connected(
    setup: VaultSetup,
    keeper: str | None,
    given: Members | None = None,
    survey: VaultSurvey | None = None,
) -> AsyncGenerator[VaultChain, None]:
    """Open the vault's chain through the best of its nodes, or of the given nodes.

    With a `survey`, a snapshot also prefetches reads that a plan is likely to need.
    """
    async with nullcontext(given) if given is not None else members_of(setup.chain) as members:
        yield vault_chain(setup, vault_node(setup, members), keeper, survey)


def vault_node(setup: VaultSetup, members: Members) -> Node:
    """Return a reader of the vault's chain over open nodes."""
    addresses = setup.addresses
    return node_over(members, setup.chain, addresses.multicall3, addresses.tokens)


def vault_chain(
    setup: VaultSetup, node: Node, keeper: str | None = None, survey: VaultSurvey | None = None
) -> VaultChain:
    """Return the reader of the vault over a node."""
    return VaultChain(
        node=node, addresses=setup.addresses, name=setup.name, keeper=keeper, survey=survey
    )


DAY_SECONDS = 86_400


def policy_of(setup: VaultSetup, decimals: int) -> RunPolicy:
    """Return the limits of a run."""
    vault, chain = setup.vault, setup.chain
    return RunPolicy(
        tiers=vault.tier_config(decimals),
        minimum_output_tolerance_bps=vault.minimum_output_tolerance_bps,
        warn_slippage_bps=vault.warn_slippage_bps,
        block_slippage_bps=vault.block_slippage_bps,
        verification_tolerance_bps=vault.verification_tolerance_bps,
        cooldown_seconds=vault.cooldown_seconds,
        plan_expiry_seconds=vault.plan_expiry_seconds,
        plan_gas_limit=vault.plan_gas_limit,
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


def coin_price_of(setup: VaultSetup) -> CoinPrice:
    """Return the source of the price of the chain's native token."""
    price = setup.vault.coin_price
    return CoinPrice(setup.vault.coin_feed, None if price is None else parse_exact(price))


NAMES = (
    "TransactionScheduler",
    "PaidRebalancerRegistry",
    "RebalanceSupervisor",
    "SchedulerLens",
)


def recurring_addresses(deployment: Deployment) -> RecurringAddresses | None:
    """Return the addresses of the recurring contracts; None if they are not deployed."""
    if any(name not in deployment.contracts for name in NAMES):
        return None
    return RecurringAddresses(*map(deployment.address, NAMES))


def required_addresses(setup: VaultSetup) -> RecurringAddresses:
    """Return the addresses of the recurring contracts, which must be usable.

    Raises:
        InputError: The settings do not assign recurring rebalancers to this vault's key.
        DeploymentError: A contract is not deployed.
    """
    if setup.recurring is None:
        raise InputError("recurring.vault", "is not set; name the vault whose key is to be used")
    found = recurring_addresses(setup.deployment)
    if found is None:
        missing = next(name for name in NAMES if name not in setup.deployment.contracts)
        problem = "is missing; add [recurring] to its configuration and run `ape run deploy`"
        raise DeploymentError(setup.chain.deployments, f"contracts.{missing}", problem)
    return found


def batch_gas(setup: VaultSetup, members: Members) -> BatchGas | None:
    """Return the minimum gas of recurring batches; None if the contracts are not deployed."""
    addresses = recurring_addresses(setup.deployment)
    if addresses is None:
        return None
    gas = (setup.recurring or RecurringSettings()).fix_gas
    return BatchGas(vault_node(setup, members), addresses, gas)


def recurring_jobs(setup: VaultSetup, node: Node) -> RecurringJobs:
    """Return the scheduler's records; raises as `required_addresses`."""
    addresses = required_addresses(setup)
    assert setup.recurring is not None  # noqa: S101 - checked by `required_addresses`
    return RecurringJobs(node, addresses, setup.recurring.page_size)
