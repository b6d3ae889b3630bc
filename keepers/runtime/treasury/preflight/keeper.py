"""May the key act on a treasury, and has it what that costs?"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from keepers.chain.node import Node
from keepers.chain.treasury.reader import TreasuryReader
from keepers.config import ChainSettings
from keepers.config.treasury_deployment import RouteKind
from keepers.model.chain import Head
from keepers.model.inventory_state import SIZE_DECIMALS
from keepers.model.limits import Limit
from keepers.model.numerals import format_units
from keepers.model.treasury import TreasuryView
from keepers.runtime.treasury.setup import TreasuryChainSetup, TreasurySetup
from keepers.runtime.vault.preflight import COIN_DECIMALS, Check

AHEAD = timedelta(minutes=1)
"""How far a chain's newest block may be ahead of this machine's clock."""

RESTORE = (
    "use another key, or, if this one is known to be safe, run the configure script with "
    "--restore-keepers"
)
SET = "set its limits in the deployment's configuration and run the configure script"


def check_clock(head: Head, chain: ChainSettings, now: datetime | None = None) -> Check:
    """Do this machine's clock and the chain's agree?"""
    age = (now or datetime.now(UTC)) - head.at
    block = f"block {head.number} of {head.at:%Y-%m-%d %H:%M:%S}"
    if age < -AHEAD:
        text = f"{block} is {_span(-age)} after this machine's clock; set the clock right"
        return Check("clock", passed=False, detail=text)
    if age > timedelta(seconds=chain.stalled_head_seconds):
        text = (
            f"{block} is {_span(age)} old: either the chain stands still, or its nodes, or this "
            "machine's clock is ahead; compare with a public explorer"
        )
        return Check("clock", passed=False, detail=text)
    return Check("clock", passed=True, detail=block)


async def check_keeper(
    setup: TreasurySetup, each: TreasuryChainSetup, node: Node, keeper: str
) -> list[Check]:
    """Limits, bands, coins and bases.

    Raises:
        ChainError: The treasury cannot be read.
    """
    view = await TreasuryReader(node, each.addresses, keeper).look()
    return [
        *_permission(view),
        _limits(each, view),
        _bands(view),
        _paused(view),
        _coins(setup, each, view),
        *_bases(setup, each, view),
    ]


def _permission(view: TreasuryView) -> Iterator[Check]:
    limits = view.keeper_limits
    if limits.removed:
        text = f"the guardian has removed {limits.keeper} by the kill switch; {RESTORE}"
        yield Check("keeper", passed=False, detail=text)
        return
    if not limits.allowed:
        text = f"{limits.keeper} is no keeper of this treasury; {SET}"
        yield Check("keeper", passed=False, detail=text)
        return
    for what, limit in (("leaves", limits.automatic), ("is divested", limits.reducing)):
        admitted = f"what {what} without a plan: {_admitted(limit)}"
        if limit.available == 0:
            full = limit.wait_for(limit.cap) or timedelta(0)
            text = f"{admitted}; it was used up, or is new, and is full in {_span(full)}"
            yield Check("keeper", passed=False, detail=text)
        else:
            yield Check("keeper", passed=True, detail=admitted)


def _admitted(limit: Limit) -> str:
    now, most = (format_units(units, SIZE_DECIMALS) for units in (limit.available, limit.cap))
    return f"{now} of {most} USD now"


def _limits(each: TreasuryChainSetup, view: TreasuryView) -> Check:
    """Every route and every venue needs one."""
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
        text = f"nothing may pass {', '.join(missing)}; {SET}"
        return Check("limits", passed=False, detail=text)
    count = len(used) + len(view.venue_limits)
    return Check("limits", passed=True, detail=f"all {count} of routes and venues are set")


def _bands(view: TreasuryView) -> Check:
    bands = view.bands
    if bands.maximum_plan_seconds == 0:
        text = "no plan can be opened, and every size needs one; run the configure script"
        return Check("bands", passed=False, detail=text)
    single, dual = (format_units(x, SIZE_DECIMALS) for x in (bands.single_above, bands.dual_above))
    life = _span(timedelta(seconds=bands.maximum_plan_seconds))
    text = f"one approval above {single} USD, two above {dual}; plans live {life} at most"
    return Check("bands", passed=True, detail=text)


def _paused(view: TreasuryView) -> Check:
    text = "it is paused, so nothing leaves; once the reason is gone, a configurator unpauses it"
    return Check("treasury", not view.paused, text if view.paused else "open")


def _coins(setup: TreasurySetup, each: TreasuryChainSetup, view: TreasuryView) -> Check:
    """Gas, and LayerZero's fee where messages leave from here."""
    balance, gas = view.keeper_balance_wei, each.treasury.minimum_gas_balance_wei
    messages = any(way.source is each and way.leaving.kind is RouteKind.OFT for way in setup.ways())
    fee = each.treasury.maximum_native_fee_wei if messages else 0
    has, needs = (format_units(wei, COIN_DECIMALS) for wei in (balance, gas + fee))
    if balance < gas + fee:
        why = f"needs {needs} for gas and LayerZero's fee" if fee else f"needs {needs} for gas"
        text = f"{has} of the chain's coin, {why}; send {view.keeper_limits.keeper} some"
        return Check("coins", passed=False, detail=text)
    return Check("coins", passed=True, detail=f"{has} of the chain's coin")


def _bases(setup: TreasurySetup, each: TreasuryChainSetup, view: TreasuryView) -> Iterator[Check]:
    """What is wanted here, and whether anything can bring it."""
    for asset, base in each.treasury.base.items():
        idle = format_units(view.holdings[asset].idle, each.deployment.assets[asset].decimals)
        routes = {
            way.leaving.name
            for way in setup.ways()
            if way.destination is each and way.leaving.asset == asset
        }
        if not routes:
            text = f"{base} are wanted, and no lane leads here; add one, or take the base out"
            yield Check(f"base of {asset}", passed=False, detail=text)
            continue
        text = f"{idle} of {base}; {', '.join(sorted(routes))} lead here"
        yield Check(f"base of {asset}", passed=True, detail=text)


def _span(span: timedelta) -> str:
    return str(timedelta(seconds=round(span.total_seconds())))
