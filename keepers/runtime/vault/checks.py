"""Preflight checks of a vault."""

from __future__ import annotations

from collections.abc import Iterator

from keepers.chain.batch import ReadBatch
from keepers.chain.contracts.market import PriceOracle
from keepers.chain.node import Node
from keepers.chain.vault.snapshot import VaultChain
from keepers.config import Settings
from keepers.model.errors import BallastError
from keepers.model.errors.chain import (
    BadPriceError,
    CallRevertedError,
    ControllerPausedError,
    NotKeeperError,
)
from keepers.model.left_out import LeftOut
from keepers.model.limits import Limit
from keepers.model.money import format_units
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerKind
from keepers.model.vault import VaultSnapshot
from keepers.reports.vault_status import usage_text
from keepers.runs.tiers.tier_plan import plan_of, request_of
from keepers.runtime.process.checks import (
    COIN_DECIMALS,
    Check,
    check_chain,
    check_contracts,
    check_database,
)
from keepers.runtime.process.nodes import node_of
from keepers.runtime.vault.setup import VaultSetup, set_up, vault_chain
from keepers.runtime.vault.status import read_trading

WAD_DECIMALS = 18
"""Decimals of the oracle's prices."""

NO_FEED = "PriceOracle_UnknownToken"


async def vault_checks(settings: Settings, name: str) -> list[Check]:
    """Check one vault: its configuration, the database, its key and its chain."""
    try:
        setup = set_up(settings, name)
    except BallastError as error:
        return [Check("configuration", passed=False, detail=str(error))]
    tokens, multicall3 = setup.addresses.tokens, setup.addresses.multicall3

    async def contracts(node: Node, _: str | None) -> list[Check]:
        return await check_contracts(setup.deployment, node)

    async def prices(node: Node, keeper: str | None) -> list[Check]:
        return await _prices(vault_chain(setup, node, keeper))

    async def vault(node: Node, keeper: str | None) -> list[Check]:
        return await _vault(setup, vault_chain(setup, node, keeper))

    return [
        Check("configuration", passed=True, detail=f"vault {setup.name}"),
        check_database(settings),
        *await check_chain(
            settings,
            setup.chain,
            setup.vault.signer,
            lambda: node_of(setup.chain, multicall3, tokens),
            (_head, contracts, prices, vault),
        ),
    ]


async def _head(node: Node, _: str | None) -> list[Check]:
    head = await node.head()
    return [Check("node", passed=True, detail=f"chain {node.chain_id}, block {head.number}")]


async def _vault(setup: VaultSetup, chain: VaultChain) -> list[Check]:
    """Check that the vault can be valued, and that this keeper may act on it."""
    try:
        snapshot = await chain.snapshot()
    except BallastError as error:
        return [Check("vault", passed=False, detail=str(error))]
    total = format_units(snapshot.total_assets, snapshot.settlement_decimals)
    worth = f"worth {total} {snapshot.settlement_symbol}"
    return [
        Check("vault", passed=True, detail=worth),
        Check.of("controller", str(ControllerPausedError()) if snapshot.paused else None, "open"),
        *_permission(snapshot),
        *_gas(setup, snapshot),
        *_bands(setup, snapshot),
        *[_holding(each) for each in (await read_trading(chain, snapshot)).left_out],
        *_concentrations(setup, snapshot),
    ]


def _holding(found: LeftOut) -> Check:
    return Check(f"holding {found.asset}", passed=False, detail=found.text, is_warning=True)


def _concentrations(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    """Warn of holdings that stay concentrated at the targets on chain."""
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    request = request_of(snapshot, config, TriggerKind.THRESHOLD, weekly=False).canonical()
    for each in plan_of(request, snapshot).idle:
        yield Check("concentration", passed=False, detail=each, is_warning=True)


def _permission(snapshot: VaultSnapshot) -> Iterator[Check]:
    limits = snapshot.keeper_limits
    if limits is None:
        return
    problem = None if limits.allowed else str(NotKeeperError(limits.keeper))
    admits = (
        f"purchases: {_usage(snapshot, limits.automatic)}; "
        f"sales: {_usage(snapshot, limits.reducing)}"
    )
    yield Check.of("keeper", problem, admits)
    for what, budget in (
        ("risk-adding", snapshot.loss_budgets.adding),
        ("risk-reducing", snapshot.loss_budgets.reducing),
    ):
        advice = (
            f"no budget is set for {what} actions, so no loss is allowed; set loss_budgets in "
            "the deployment's configuration and run the configure script"
        )
        admits = f"losses of {what} actions: {_usage(snapshot, budget)}"
        yield Check.of("loss budget", None if budget.is_set else advice, admits)


def _usage(snapshot: VaultSnapshot, limit: Limit) -> str:
    return usage_text(limit, snapshot.settlement_decimals, snapshot.settlement_symbol)


def _gas(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    if snapshot.keeper is None:
        return
    balance, least = snapshot.keeper_balance_wei, setup.vault.minimum_gas_balance_wei
    has = f"{format_units(balance, COIN_DECIMALS)} native tokens"
    needs = format_units(least, COIN_DECIMALS)
    problem = f"{has}, needs {needs}; fund {snapshot.keeper}" if balance < least else None
    yield Check.of("gas balance", problem, has)


def _bands(setup: VaultSetup, snapshot: VaultSnapshot) -> Iterator[Check]:
    config = setup.vault.tier_config(snapshot.settlement_decimals)
    for tier in Tier:
        ours, theirs = config.band(tier), snapshot.bands[tier]
        chain = (theirs.minimum_bps, theirs.target_bps, theirs.maximum_bps)
        inside = chain[0] <= ours.minimum and ours.maximum <= chain[2]
        advice = (
            f"{tier.name} is planned in {ours.minimum} to {ours.maximum} bps, but the chain "
            f"enforces {chain[0]} to {chain[2]}; make the settings agree"
        )
        yield Check.of(f"band {tier.name}", None if inside else advice, "inside the chain's")


async def _prices(chain: VaultChain) -> list[Check]:
    """Check the price of every token that has a feed."""
    head = await chain.node.head()
    batch = ReadBatch(chain.node, head.at)
    oracle = PriceOracle(chain.addresses.oracle)
    slots = {
        token.symbol: batch.add(oracle.price(address))
        for address, token in chain.addresses.tokens.items()
    }
    await batch.run(head.number)
    settlement = (await chain.settlement()).symbol
    checks: list[Check] = []
    for symbol, slot in slots.items():
        try:
            price, updated_at = slot.value
            detail = f"{format_units(price, WAD_DECIMALS)} USD, {head.at - updated_at} old"
            checks.append(Check(f"price of {symbol}", passed=True, detail=detail))
        except CallRevertedError as error:
            if not (isinstance(error, BadPriceError) and error.error == NO_FEED):
                name, detail = f"price of {symbol}", str(error)
                is_warning = symbol != settlement  # prices are relative to it
                checks.append(Check(name, passed=False, detail=detail, is_warning=is_warning))
    return checks
