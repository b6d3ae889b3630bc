"""Routes that bridges offer for an asset now, with their costs, as input of a plan."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from keepers.model.bridge import (
    BridgeQuote,
    CrossingRequest,
    Unavailable,
    Unreadable,
    to_units,
    to_units_down,
)
from keepers.model.inventory import BalanceTrigger, Route, Surplus
from keepers.model.inventory_state import InventorySnapshot, chain_id_of
from keepers.planning.inventory.tariff import FeePoint, linear_fee
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.objections import Objection, ObjectionKind
from keepers.transfers.machine.dependencies import quote_of
from keepers.transfers.machine.ports import Bridge


@dataclass(frozen=True, slots=True)
class RouteOffers:
    """The routes that can be used now, and why others cannot."""

    routes: tuple[Route, ...]
    closed: tuple[Objection, ...]


async def offered_routes(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    triggers: Sequence[BalanceTrigger],
    surpluses: Sequence[Surplus],
    *,
    routes: frozenset[str] | None = None,
    constraints: Sequence[Objection] = (),
) -> RouteOffers:
    """Ask every bridge that both treasuries have, for each pair of a surplus and a need.

    Args:
        ports: Provides the bridges.
        snapshot: Routes of the treasuries.
        triggers: Chains in need of one asset.
        surpluses: Chains with a surplus of the same asset.
        routes: Names of the routes to use; None for all.
        constraints: Known objections; no quote is requested for closed routes.
    """
    asked = [
        _in_time(ports, name, trigger, surplus)
        for trigger in triggers
        for surplus in surpluses
        for name in shared_routes(ports, snapshot, trigger, surplus)
        if (routes is None or name in routes)
        and not _is_closed(constraints, surplus, trigger, name)
    ]
    answers = await asyncio.gather(*asked)
    return RouteOffers(
        tuple(each for each in answers if isinstance(each, Route)),
        tuple(each for each in answers if isinstance(each, Objection)),
    )


def _is_closed(
    constraints: Sequence[Objection], surplus: Surplus, trigger: BalanceTrigger, route: str
) -> bool:
    ends = chain_id_of(surplus.chain), chain_id_of(trigger.chain)
    return any(each.closes(*ends, route) for each in constraints)


def shared_routes(
    ports: InventoryDependencies,
    snapshot: InventorySnapshot,
    trigger: BalanceTrigger,
    surplus: Surplus,
) -> list[str]:
    """Return the names of routes that both ends have and this keeper supports."""
    here, there = (
        {name for asset, name in snapshot.views[chain_id_of(chain)].route_limits
         if asset == trigger.asset}
        for chain in (surplus.chain, trigger.chain)
    )  # fmt: skip
    return sorted(here & there & ports.machine.bridges.keys())


async def _in_time(
    ports: InventoryDependencies,
    name: str,
    trigger: BalanceTrigger,
    surplus: Surplus,
) -> Route | Objection:
    """Return one bridge's offer, within the time limit of a bridge."""
    seconds = ports.settings.look_seconds
    asked = _ask(ports.machine.bridges[name], trigger, surplus)
    try:
        answer = await asyncio.wait_for(asked, seconds)
    except TimeoutError:
        answer = Unreadable(f"no response within {seconds:g} seconds")
    if isinstance(answer, Route):
        return answer
    is_known = isinstance(answer, Unavailable)
    return Objection(
        ObjectionKind.UNAVAILABLE if is_known else ObjectionKind.UNREADABLE,
        f"{name} from {surplus.chain} to {trigger.chain}: {answer.reason}",
        source=chain_id_of(surplus.chain),
        destination=chain_id_of(trigger.chain),
        route=name,
    )


async def _ask(
    bridge: Bridge, trigger: BalanceTrigger, surplus: Surplus
) -> Route | Unavailable | Unreadable:
    can_give = to_units_down(surplus.amount, surplus.decimals, trigger.decimals)
    request = CrossingRequest(
        asset=trigger.asset,
        source=chain_id_of(surplus.chain),
        destination=chain_id_of(trigger.chain),
        receive=min(trigger.deficit, can_give),
    )
    if request.receive == 0:
        return Unavailable("the surplus is too small for the destination's units")
    quote = await quote_of(bridge, request)
    if isinstance(quote, Unavailable | Unreadable):
        return quote
    smaller = await _smaller(bridge, request, quote)
    if isinstance(smaller, Unreadable):
        return smaller
    if quote.maximum is not None and quote.maximum < max(quote.minimum, 1):
        least = f"at most {quote.maximum} units can be sent now, less than its minimum"
        return Unavailable(least)
    sizes = (surplus.decimals, trigger.decimals)
    points = [_point(each, asked, sizes) for each, asked in ((quote, request), *smaller)]
    fee = linear_fee(*points)
    return Route(
        asset=trigger.asset,
        source=surplus.chain,
        destination=trigger.chain,
        route=bridge.name,
        fee=fee.fixed,
        fee_bps=fee.bps,
        minimum=quote.minimum or None,
        maximum=quote.maximum,
        seconds=quote.seconds,
        fallback=quote.fallback,
    )


async def _smaller(
    bridge: Bridge, request: CrossingRequest, quote: BridgeQuote
) -> list[tuple[BridgeQuote, CrossingRequest]] | Unreadable:
    """Return a second quote if the fee may depend on the amount."""
    half = min(quote.receive, request.receive) // 2
    if quote.fee == 0 or half == 0:
        return []
    less = CrossingRequest(
        asset=request.asset,
        source=request.source,
        destination=request.destination,
        receive=half,
    )
    match await quote_of(bridge, less):
        case Unavailable():
            return []
        case Unreadable() as unreadable:
            return unreadable
        case found:
            return [(found, less)]


def _point(quote: BridgeQuote, asked: CrossingRequest, sizes: tuple[int, int]) -> FeePoint:
    """Return the fee of a quote; retained amounts count, a tolerance on arrival does not."""
    source, destination = sizes
    if not quote.whole:
        return FeePoint(quote.send, quote.fee)
    arrives = to_units(max(asked.receive, quote.receive), destination, source)
    return FeePoint(quote.send, max(0, quote.send - arrives))
