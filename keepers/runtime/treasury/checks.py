"""Preflight checks of the treasuries: database, chains, keepers and bridge services."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from keepers.chain.node import Node
from keepers.chain.treasury.reader import TreasuryReader
from keepers.config import ChainSettings, Settings
from keepers.config.treasury_deployment import RouteKind
from keepers.model.chain import Head
from keepers.model.errors import BallastError
from keepers.model.inventory_state import SIZE_DECIMALS
from keepers.model.money import format_units
from keepers.model.treasury import TreasuryView
from keepers.reports.vault_status import usage_text
from keepers.runtime.process.checks import (
    COIN_DECIMALS,
    Check,
    check_chain,
    check_code,
    check_contracts,
    check_database,
)
from keepers.runtime.process.nodes import node_of
from keepers.runtime.treasury.bridge_checks import check_services
from keepers.runtime.treasury.deployment_checks import check_circle, check_deployment
from keepers.runtime.treasury.lanes import check_routes
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup, set_up_treasury

AHEAD = timedelta(minutes=1)
"""Time that a chain's newest block may be ahead of this machine's clock."""

RESTORE = (
    "use another key, or, if this one is known to be safe, run the configure script with "
    "--restore-keepers"
)
SET = "set its limits in the deployment's configuration and run the configure script"


def check_clock(head: Head, chain: ChainSettings, now: datetime | None = None) -> Check:
    """Check that this machine's clock agrees with the chain's."""
    age = (now or datetime.now(UTC)) - head.at
    block = f"block {head.number} of {head.at:%Y-%m-%d %H:%M:%S}"
    if age < -AHEAD:
        text = f"{block} is {_span(-age)} ahead of this machine's clock; correct the clock"
        return Check("clock", passed=False, detail=text)
    if age > timedelta(seconds=chain.stalled_head_seconds):
        text = (
            f"{block} is {_span(age)} old: either the chain or its nodes have stalled, or this "
            "machine's clock is ahead; compare with a public explorer"
        )
        return Check("clock", passed=False, detail=text)
    return Check("clock", passed=True, detail=block)


async def check_keeper(
    setup: TreasurySetup, each: TreasuryChainSetup, node: Node, keeper: str
) -> list[Check]:
    """Check limits, bands, native tokens and bases.

    Raises:
        ChainError: The treasury cannot be read.
    """
    view = await TreasuryReader(node, each.addresses, keeper).read_view()
    return [
        *_permission(view),
        _limits(each, view),
        _bands(view),
        _paused(view),
        _native_balance(setup, each, view),
        *_bases(setup, each, view),
    ]


def _permission(view: TreasuryView) -> Iterator[Check]:
    limits = view.keeper_limits
    if limits.removed:
        text = f"the guardian has removed {limits.keeper} by the kill switch; {RESTORE}"
        yield Check("keeper", passed=False, detail=text)
        return
    if not limits.allowed:
        text = f"{limits.keeper} is not a keeper of this treasury; {SET}"
        yield Check("keeper", passed=False, detail=text)
        return
    for what, limit in (("transfers", limits.automatic), ("divestments", limits.reducing)):
        admitted = f"{what} without a plan: {usage_text(limit, SIZE_DECIMALS, 'USD')}"
        if limit.available == 0:
            full = limit.wait_for(limit.cap) or timedelta(0)
            text = f"{admitted}; it is used up or new, and is full in {_span(full)}"
            yield Check("keeper", passed=False, detail=text)
        else:
            yield Check("keeper", passed=True, detail=admitted)


def _limits(each: TreasuryChainSetup, view: TreasuryView) -> Check:
    """Check that every route and every venue has a limit."""
    used = {
        route for route in view.route_limits if (r := each.deployment.route(*route)) and r.lanes
    }
    missing = [
        f"route {name} of {asset}"
        for asset, name in sorted(used)
        if not view.route_limits[asset, name].is_set
    ]
    missing += [f"venue {venue}" for venue, limit in view.venue_limits.items() if not limit.is_set]
    if missing:
        text = f"no limit is set for {', '.join(missing)}, so nothing can pass; {SET}"
        return Check("limits", passed=False, detail=text)
    count = len(used) + len(view.venue_limits)
    return Check(
        "limits", passed=True, detail=f"the limits of all {count} routes and venues are set"
    )


def _bands(view: TreasuryView) -> Check:
    bands = view.bands
    if bands.maximum_plan_seconds == 0:
        text = "no plan can be opened, and every size needs one; run the configure script"
        return Check("bands", passed=False, detail=text)
    single, dual = (format_units(x, SIZE_DECIMALS) for x in (bands.single_above, bands.dual_above))
    life = _span(timedelta(seconds=bands.maximum_plan_seconds))
    text = f"one approval above {single} USD, two above {dual}; plans are valid for at most {life}"
    return Check("bands", passed=True, detail=text)


def _paused(view: TreasuryView) -> Check:
    text = (
        "it is paused, so nothing is sent; once the cause is resolved, a configurator can "
        "unpause it"
    )
    return Check("treasury", not view.paused, text if view.paused else "open")


def _native_balance(setup: TreasurySetup, each: TreasuryChainSetup, view: TreasuryView) -> Check:
    """Check the balance for gas, and for LayerZero's fee if messages leave from this chain."""
    balance, gas = view.keeper_balance_wei, each.treasury.minimum_gas_balance_wei
    messages = any(
        lane.source is each and lane.source_route.kind is RouteKind.OFT for lane in setup.lanes()
    )
    fee = each.treasury.maximum_native_fee_wei if messages else 0
    has, needs = (format_units(wei, COIN_DECIMALS) for wei in (balance, gas + fee))
    if balance < gas + fee:
        why = f"needs {needs} for gas and LayerZero's fee" if fee else f"needs {needs} for gas"
        text = f"{has} native tokens, {why}; fund {view.keeper_limits.keeper}"
        return Check("coins", passed=False, detail=text)
    return Check("coins", passed=True, detail=f"{has} native tokens")


def _bases(setup: TreasurySetup, each: TreasuryChainSetup, view: TreasuryView) -> Iterator[Check]:
    """Check that each base has a lane that leads to this chain."""
    for asset, base in each.treasury.base.items():
        idle = format_units(view.holdings[asset].idle, each.deployment.assets[asset].decimals)
        routes = {
            lane.source_route.name
            for lane in setup.lanes()
            if lane.destination is each and lane.source_route.asset == asset
        }
        if not routes:
            text = f"the base is {base}, but no lane leads here; add a lane, or remove the base"
            yield Check(f"base of {asset}", passed=False, detail=text)
            continue
        text = f"{idle} of {base}; {', '.join(sorted(routes))} lead here"
        yield Check(f"base of {asset}", passed=True, detail=text)


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))


async def treasury_checks(settings: Settings) -> list[Check]:
    """Check the database, each chain and each bridge service; a failure hides no other."""
    database = check_database(settings)
    try:
        setup = set_up_treasury(settings)
        check_routes(setup)
    except BallastError as error:
        return [database, Check("configuration", passed=False, detail=str(error))]
    names = ", ".join(setup.chains)
    off = ", ".join(setup.switched_off.values())
    names = f"{names}; switched off: {off}" if off else names
    checks = [database, Check("configuration", passed=True, detail=f"treasuries on {names}")]
    checks += [
        Check(f"{each.name}: treasury", passed=True, detail=each.deployment.treasury)
        for each in setup.chains.values()
    ]
    for each in setup.chains.values():
        found = await _of_chain(settings, setup, each)
        checks += [replace(check, name=f"{each.name}: {check.name}") for check in found]
    return checks + await check_services(settings, setup)


async def _of_chain(
    settings: Settings, setup: TreasurySetup, each: TreasuryChainSetup
) -> list[Check]:
    async def clock(node: Node, _: str | None) -> list[Check]:
        return [check_clock(await node.head(), each.chain)]

    async def contracts(node: Node, _: str | None) -> list[Check]:
        found = await check_contracts(each.deployment, node)
        found += await check_code(node, _tokens(each), "assets and venues")
        failed = [check for check in found if not check.passed]
        return failed or [Check("contracts", passed=True, detail=f"all {len(found)} as deployed")]

    async def deployment(node: Node, _: str | None) -> list[Check]:
        return await check_deployment(setup, each, node)

    async def keepers(node: Node, keeper: str | None) -> list[Check]:
        if keeper is None:
            return []
        found = await check_keeper(setup, each, node, keeper)
        return found + await check_circle(each, node, keeper)

    addresses = each.addresses
    return await check_chain(
        settings,
        each.chain,
        each.treasury.signer,
        lambda: node_of(each.chain, addresses.multicall3, addresses.tokens),
        (clock, contracts, deployment, keepers),
    )


def _tokens(each: TreasuryChainSetup) -> dict[str, str]:
    """Return the addresses of tokens and venues, which are deployed by others."""
    found = {name: token.address for name, token in each.deployment.assets.items()}
    venues = (venue for listed in each.deployment.venues.values() for venue in listed)
    return found | {f"venue {venue}": venue for venue in venues}
