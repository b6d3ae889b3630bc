"""Lanes of bridges, from the deployments files of two chains."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import TypedDict, TypeVar

from keepers.bridges.cctp import bridge as cctp
from keepers.bridges.cctp.lane import CctpLane
from keepers.bridges.custodial import bridge as custodial
from keepers.bridges.custodial.bridge import CustodialLane
from keepers.bridges.exchange import bridge as exchange
from keepers.bridges.exchange.lane import ExchangeLane
from keepers.bridges.oft import bridge as oft
from keepers.bridges.oft.lane import OftLane
from keepers.chain.codec import ZERO_ADDRESS
from keepers.config.treasury import CctpSettings, ExchangeSettings, OftSettings
from keepers.config.treasury_deployment import DeployedRoute, RouteKind
from keepers.model.errors.transfers import UnusableRouteError
from keepers.model.money import WHOLE_BPS
from keepers.runtime.treasury.setup import LaneSetup, TreasuryChainSetup, TreasurySetup

T = TypeVar("T")

KINDS: Mapping[str, RouteKind] = MappingProxyType(
    {
        cctp.NAME: RouteKind.CCTP,
        oft.NAME: RouteKind.OFT,
        exchange.NAME: RouteKind.CUSTODIAL,
        custodial.NAME: RouteKind.CUSTODIAL,
    }
)
"""The routes that bridges serve, with the kinds of their contracts."""


class Ends(TypedDict):
    """Fields of every lane."""

    asset: str
    source: int
    destination: int
    source_route: str
    destination_route: str
    source_decimals: int
    destination_decimals: int


class InboxEnds(Ends):
    """Fields of lanes that end in an inbox."""

    token: str
    inbox: str


def check_routes(setup: TreasurySetup) -> None:
    """Check that a bridge serves every deployed route.

    Raises:
        UnusableRouteError: A route has no bridge, is not of its bridge's kind, or is incomplete.
    """
    for chain in setup.chains.values():
        for route in chain.deployment.routes:
            problem = _problem(route)
            if problem is not None:
                raise UnusableRouteError(route.name, route.asset, chain.name, problem)


def lanes_of(setup: TreasurySetup, name: str) -> Iterator[LaneSetup]:
    """Return the lanes of all routes with a name."""
    return (lane for lane in setup.lanes() if lane.source_route.name == name)


def cctp_lane(lane: LaneSetup, table: CctpSettings, keeper: str = ZERO_ADDRESS) -> CctpLane:
    """Return the lane of USDC over CCTP, sent by a keeper's account."""
    source_route, destination_route = lane.source_route, lane.destination_route
    return CctpLane(
        **_ends(lane),
        source_domain=_given(source_route.domain),
        destination_domain=_given(destination_route.domain),
        transmitter=_given(source_route.transmitter),
        keeper=keeper,
        max_fee_bps=_given(source_route.max_fee_bps),
        fast=table.fast,
        fast_seconds=Fraction(table.fast_seconds),
        standard_seconds=Fraction(table.standard_seconds),
    )


def oft_lane(lane: LaneSetup, table: OftSettings) -> OftLane:
    """Return the lane of LayerZero's token."""
    return OftLane(
        **_ends(lane),
        source_oft=_given(lane.source_route.oft),
        destination_oft=_given(lane.destination_route.oft),
        tolerance_bps=Fraction(table.tolerance_bps),
        max_fee_bps=Fraction(table.maximum_fee_bps),
        least_share=Fraction(table.least_share_bps, WHOLE_BPS),
        seconds=Fraction(table.crossing_seconds),
    )


def exchange_lane(lane: LaneSetup, table: ExchangeSettings) -> ExchangeLane:
    """Return the lane through the exchange."""
    return ExchangeLane(
        **_inbox(lane),
        source_network=_given(lane.source_route.network),
        destination_network=_given(lane.destination_route.network),
        deposit_address=_given(lane.source_route.deposit_address),
        unlock_seconds=Fraction(table.unlock_seconds),
    )


def custodial_lane(lane: LaneSetup, *, fallback: bool) -> CustodialLane:
    """Return the lane through the custodian."""
    return CustodialLane(**_inbox(lane), fallback=fallback)


def _ends(lane: LaneSetup) -> Ends:
    asset = lane.source_route.asset
    return Ends(
        asset=asset,
        source=lane.source.chain.chain_id,
        destination=lane.destination.chain.chain_id,
        source_route=lane.source_route.address,
        destination_route=lane.destination_route.address,
        source_decimals=_decimals(lane.source, asset),
        destination_decimals=_decimals(lane.destination, asset),
    )


def _inbox(lane: LaneSetup) -> InboxEnds:
    token = lane.destination.deployment.assets[lane.source_route.asset].address
    return InboxEnds(**_ends(lane), token=token, inbox=_given(lane.destination_route.inbox))


def _decimals(chain: TreasuryChainSetup, asset: str) -> int:
    return chain.deployment.assets[asset].decimals


def _problem(route: DeployedRoute) -> str | None:
    kind = KINDS.get(route.name)
    if kind is None:
        return f"there are bridges only for {', '.join(KINDS)}"
    if route.kind is not kind:
        return f"it is of kind {route.kind}, but its bridge is for {kind}"
    if route.name == exchange.NAME and not route.network:
        return "it lacks network, the exchange's name of the chain"
    return None


def _given(fact: T | None) -> T:
    assert fact is not None  # noqa: S101 - checked by the loader and `check_routes`
    return fact
