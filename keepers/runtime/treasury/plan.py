"""The treasuries' current request to the planner, as created by an inventory check."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from keepers.config import Settings, load_settings
from keepers.model.errors import InputError
from keepers.model.inventory import InventoryRequest, Route
from keepers.model.inventory_state import InventorySnapshot
from keepers.planning.inventory.request import (
    InventoryQuestion,
    bases_of,
    known_bases,
    request_for,
    unknown_chains,
)
from keepers.runtime.process.logs import configure_logs
from keepers.runtime.treasury.runtime import treasury_reading
from keepers.transfers.inventory.dependencies import InventoryDependencies
from keepers.transfers.inventory.rulebook import AssetPlanner
from keepers.transfers.inventory.snapshot import take_snapshot

PLACES = 10**30
"""Inverse of the smallest fraction in a request."""


def question_from_chains(config: Path | None) -> InventoryQuestion:
    """Read all treasuries and ask bridges for quotes; nothing is sent, no key is read.

    Raises:
        InputError: There are no treasuries, or no asset has a base and can be read.
        SecretUnavailableError: A bridge's key is not where the settings say.
    """
    configure_logs(verbose=False)
    return asyncio.run(_question(load_settings(config)))


async def _question(settings: Settings) -> InventoryQuestion:
    async with treasury_reading(settings, with_bridges=True) as reading:
        snapshot = await take_snapshot(reading.inventory)
        return await question_of(reading.inventory, snapshot)


async def question_of(
    inventory: InventoryDependencies, snapshot: InventorySnapshot
) -> InventoryQuestion:
    """Return one request for all assets with bases, leaving out unreadable chains.

    Raises:
        InputError: No asset has a base and can be read.
    """
    asked = [each for each in inventory.settings.assets if bases_of(inventory.settings, each)]
    unreadable = {
        asset: tuple(reason for reasons in unknown.values() for reason in reasons)
        for asset in asked
        if (unknown := unknown_chains(inventory.settings, snapshot, asset))
    }
    found = [
        await _of_asset(inventory, snapshot, asset)
        for asset in asked
        if known_bases(inventory.settings, snapshot, asset)
    ]
    if not found:
        reasons = "; ".join(each for texts in unreadable.values() for each in texts)
        raise InputError("treasury", reasons or "no asset has a base; set one in the settings")
    first, _ = found[0]
    request = InventoryRequest(
        trigger_percentage=first.trigger_percentage,
        assets={asset: chains for each, _ in found for asset, chains in each.assets.items()},
        in_flight=tuple(flight for each, _ in found for flight in each.in_flight),
        routes=tuple(route for each, _ in found for route in each.routes or ()),
        time_limit=first.time_limit,
        limits=tuple(limit for each, _ in found for limit in each.limits),
    )
    closed = tuple(text for _, texts in found for text in texts)
    return InventoryQuestion(request, closed=closed, unreadable=unreadable)


async def _of_asset(
    inventory: InventoryDependencies, snapshot: InventorySnapshot, asset: str
) -> tuple[InventoryRequest, tuple[str, ...]]:
    asked = await AssetPlanner(inventory, snapshot, asset).ask()
    if asked is None:
        bases = known_bases(inventory.settings, snapshot, asset)
        return request_for(inventory.settings, snapshot, asset, bases), ()
    request, objections = asked
    routes = tuple(map(_spelled, request.routes or ()))
    texts = dict.fromkeys(each.text for each in objections)
    return replace(request, routes=routes), tuple(texts)


def _spelled(route: Route) -> Route:
    """Round to finite decimals for a file, by far less than one unit of any amount."""
    return replace(route, fee_bps=_ending(route.fee_bps), seconds=_ending(route.seconds))


def _ending(number: Fraction) -> Fraction:
    return Fraction(number * PLACES // 1, PLACES)
