"""Routes of a treasury: their counterparts on other chains, and their bounds."""

from __future__ import annotations

from collections.abc import Iterator

from eth_utils.address import to_checksum_address

from scripts.deployment.deployment import Difference
from scripts.deployment.treasury.contracts import TreasuryContracts
from scripts.deployment.treasury.neighbours import Neighbour
from scripts.deployment.treasury.parts import CctpRoute, CustodialRoute, OftRoute

ZERO = to_checksum_address("0x" + "00" * 20)
COUNTERPART_FOR_GOOD = (
    "a counterpart is permanent: correct the configuration or the other network's record, or add a "
    "route with another name"
)


def route_differences(deployment: TreasuryContracts) -> Iterator[Difference]:
    """Yield bounds and counterparts of routes that differ from the configuration."""
    for route in deployment.config.routes:
        match route:
            case CctpRoute():
                yield from _cctp(deployment, route)
            case OftRoute():
                yield from _oft(deployment, route)
            case CustodialRoute():
                yield from _custodial(deployment, route)


def _cctp(deployment: TreasuryContracts, route: CctpRoute) -> Iterator[Difference]:
    name, fee = route.contract, route.maximum_fee_bps
    actual = deployment.read(name, "maxFeeBps")
    yield from deployment.compare(name, "maximum fee", fee, actual, "setMaxFee", fee)
    for there in _neighbours(deployment, route):
        counterpart = there.route(route.asset, route.name)
        peer = (counterpart["domain"], counterpart["address"], there.token(route.asset))
        actual = tuple(deployment.read(name, "peerOf", there.chain_id))
        yield from _peer(deployment, name, there, peer, actual, is_new=actual[1] == ZERO)


def _oft(deployment: TreasuryContracts, route: OftRoute) -> Iterator[Difference]:
    name, fee = route.contract, route.maximum_native_wei
    actual = deployment.read(name, "maxNativeFee")
    what = "maximum fee in wei"
    yield from deployment.compare(name, what, fee, actual, "setMaxNativeFee", fee)
    for there in _neighbours(deployment, route):
        counterpart = there.route(route.asset, route.name)
        fields = ("eid", "receive_gas", "compose_gas", "address")
        peer = tuple(counterpart[field] for field in fields)
        eid, *_, address = actual = tuple(deployment.read(name, "peerOf", there.chain_id))
        same = (eid, address) == (peer[0], peer[-1])
        yield from _peer(deployment, name, there, peer, actual, is_new=same or address == ZERO)


def _peer(
    deployment: TreasuryContracts,
    name: str,
    there: Neighbour,
    peer: tuple[object, ...],
    actual: tuple[object, ...],
    *,
    is_new: bool,
) -> Iterator[Difference]:
    what = f"counterpart on {there.network}"
    if is_new:
        yield from deployment.compare(name, what, peer, actual, "setPeer", there.chain_id, peer)
    else:
        yield from deployment.report(name, what, peer, actual, COUNTERPART_FOR_GOOD)


def _custodial(deployment: TreasuryContracts, route: CustodialRoute) -> Iterator[Difference]:
    name, wanted = route.contract, route.deposit_address
    actual = deployment.read(name, "depositAddress")
    what = "deposit address"
    yield from deployment.compare(name, what, wanted, actual, "setDepositAddress", wanted)
    at, booked = deployment.address(name), deployment.read(route.inbox, "route")
    yield from deployment.compare(route.inbox, "route", at, booked, "setRoute", at)
    admitted = True
    for there in _neighbours(deployment, route):
        chain, what = there.chain_id, f"admits {there.network}"
        actual = deployment.read(name, "isAdmitted", chain)
        yield from deployment.compare(name, what, admitted, actual, "admitChain", chain)


def _neighbours(
    deployment: TreasuryContracts, route: CctpRoute | OftRoute | CustodialRoute
) -> Iterator[Neighbour]:
    yield from (deployment.neighbours[network] for network in route.lanes)
