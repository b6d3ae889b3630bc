"""Parameters of a treasury: assets, routes, lanes, venues, bands, limits, approvers."""

from __future__ import annotations

from collections.abc import Iterator

from eth_utils.address import to_checksum_address

from scripts.deployment.deployment import LEDGER, Difference
from scripts.deployment.permissions import (
    PAUSED,
    approver_differences,
    events,
    kill_switch_differences,
    named_in_events,
)
from scripts.deployment.treasury.config import USD_DECIMALS, base_units
from scripts.deployment.treasury.contracts import TREASURY, TreasuryContracts
from scripts.deployment.treasury.limits import treasury_limit_differences
from scripts.deployment.treasury.parts import Lane, Route, Venue
from scripts.deployment.treasury.routes import ZERO, route_differences

NAMED_FOR_GOOD = "names are permanent: use another name, or correct the configuration"
LANE_FOR_GOOD = (
    "a lane keeps its treasury and decimals: correct the configuration or the other network's "
    "record, or add a route with another name"
)


def word(name: str) -> bytes:
    """Return the name of an asset or a route as contracts store it."""
    return name.encode().ljust(32, b"\0")


def treasury_settings(
    deployment: TreasuryContracts, *, restore_keepers: bool = False
) -> Iterator[Difference]:
    """Yield parameters that differ from the configuration, in an order in which to fix them.

    A keeper that the guardian removed is restored only with `restore_keepers`.

    Raises:
        DeploymentError: The treasury of another network is not deployed.
    """
    yield from _assets(deployment)
    yield from _routes(deployment)
    yield from route_differences(deployment)
    yield from _lanes(deployment)
    yield from _venues(deployment)
    yield from _bands(deployment)
    yield from treasury_limit_differences(deployment)
    if LEDGER not in deployment.given:
        yield from approver_differences(deployment, deployment.config.approvers)
    keepers = [each.account for each in deployment.config.keepers]
    yield from kill_switch_differences(deployment, keepers, restore_keepers=restore_keepers)
    running, actual = False, deployment.read(TREASURY, "pausedHere")
    yield from deployment.report(TREASURY, "paused", running, actual, PAUSED)


def _assets(deployment: TreasuryContracts) -> Iterator[Difference]:
    for name, asset in deployment.config.assets.items():
        expected = (asset.address, asset.decimals)
        actual = tuple(deployment.read(TREASURY, "assetOf", word(name)))
        yield from _named(deployment, f"asset {name}", expected, actual, word(name), asset.address)
    known = {bytes(entry["asset"]) for entry in events(deployment, TREASURY, "AssetAdded")}
    superfluous = sorted(known - {word(name) for name in deployment.config.assets})
    for name in superfluous:
        shown = name.rstrip(b"\0").decode(errors="replace")
        hint = "assets are permanent: add it to the configuration"
        yield from deployment.report(TREASURY, f"asset {shown}", "absent", "present", hint)


def _named(
    deployment: TreasuryContracts,
    what: str,
    expected: tuple[str, int],
    actual: tuple[object, ...],
    *arguments: object,
) -> Iterator[Difference]:
    if actual[0] == ZERO:
        yield from deployment.compare(TREASURY, what, expected, actual, "addAsset", *arguments)
    else:
        yield from deployment.report(TREASURY, what, expected, actual, NAMED_FOR_GOOD)


def _routes(deployment: TreasuryContracts) -> Iterator[Difference]:
    for route in deployment.config.routes:
        asset, name = word(route.asset), word(route.name)
        expected = deployment.address(route.contract)
        actual = deployment.read(TREASURY, "routeOf", asset, name)
        what = f"route {route.contract}"
        if actual == ZERO:
            arguments = (asset, name, expected)
            yield from deployment.compare(TREASURY, what, expected, actual, "addRoute", *arguments)
        else:
            yield from deployment.report(TREASURY, what, expected, actual, NAMED_FOR_GOOD)


def _lanes(deployment: TreasuryContracts) -> Iterator[Difference]:
    intended: set[tuple[str, int]] = set()
    for route in deployment.config.routes:
        for network, lane in route.lanes.items():
            chain = deployment.config.networks[network]
            intended.add((deployment.address(route.contract), chain))
            yield from _lane(deployment, route, network, lane)
    known = {
        (to_checksum_address(entry["route"]), int(entry["chain"]))
        for entry in events(deployment, TREASURY, "LaneSet")
    }
    for address, chain in sorted(known - intended):
        opened = deployment.read(TREASURY, "laneOf", address, chain)[2]
        what, closed = f"lane of {address} to chain {chain} open", False
        yield from deployment.compare(TREASURY, what, closed, opened, "closeLane", address, chain)


def _lane(
    deployment: TreasuryContracts, route: Route, network: str, lane: Lane
) -> Iterator[Difference]:
    config, there = deployment.config, deployment.neighbours[network]
    address = deployment.address(route.contract)
    bounds = (config.units(route.asset, amount) for amount in (lane.least, lane.most))
    kept = (there.treasury, there.decimals(route.asset))
    expected = (*kept, lane.open, lane.maximum_fee_bps, *bounds)
    actual = tuple(deployment.read(TREASURY, "laneOf", address, there.chain_id))
    what = f"lane {route.contract} to {network}"
    if actual[0] != ZERO and actual[:2] != kept:
        yield from deployment.report(TREASURY, what, expected, actual, LANE_FOR_GOOD)
        return
    arguments = (address, there.chain_id, expected)
    yield from deployment.compare(TREASURY, what, expected, actual, "setLane", *arguments)


def _venues(deployment: TreasuryContracts) -> Iterator[Difference]:
    for venue in deployment.config.venues:
        yield from _venue(deployment, venue)
    intended = {venue.address for venue in deployment.config.venues}
    for address in sorted(named_in_events(deployment, TREASURY, "VenueSet", "venue") - intended):
        opened = deployment.read(TREASURY, "venueOf", address)[1]
        what, closed = f"venue {address} open", False
        yield from deployment.compare(TREASURY, what, closed, opened, "closeVenue", address)


def _venue(deployment: TreasuryContracts, venue: Venue) -> Iterator[Difference]:
    expected = (word(venue.asset), venue.open, venue.maximum_loss_bps)
    actual = tuple(deployment.read(TREASURY, "venueOf", venue.address))
    arguments = (venue.address, expected)
    what = f"venue {venue.address}"
    yield from deployment.compare(TREASURY, what, expected, actual, "setVenue", *arguments)


def _bands(deployment: TreasuryContracts) -> Iterator[Difference]:
    bands = deployment.config.bands
    sizes = (base_units(each, USD_DECIMALS) for each in (bands.single_above, bands.dual_above))
    expected = (*sizes, bands.maximum_plan_life_seconds)
    actual = tuple(deployment.read(TREASURY, "bands"))
    yield from deployment.compare(TREASURY, "bands", expected, actual, "setBands", expected)
