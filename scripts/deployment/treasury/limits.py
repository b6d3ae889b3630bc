"""Limits of a treasury: keepers' limits in US dollars, those of routes and venues in tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from keepers.model.money import format_units
from scripts.deployment.config import Limit, limit_exponent
from scripts.deployment.deployment import Difference
from scripts.deployment.limits import (
    Bucket,
    Known,
    bucket,
    bucket_differences,
    kind_of,
    limit_key,
    subject_of,
)
from scripts.deployment.treasury.config import USD_DECIMALS, base_units
from scripts.deployment.treasury.contracts import TREASURY, TreasuryContracts


@dataclass(frozen=True)
class _Subject:
    """Text of a route or venue."""

    title: str
    asset: str
    decimals: int

    def show(self, units: int) -> str:
        return f"{format_units(units, self.decimals)} {self.asset}"


def treasury_limit_differences(deployment: TreasuryContracts) -> Iterator[Difference]:
    """Yield limits that differ from the configuration, regardless of their current fill."""
    intended, known = _intended(deployment), _known(_subjects(deployment))
    yield from bucket_differences(deployment, TREASURY, intended, known, withheld=set())


def _intended(deployment: TreasuryContracts) -> dict[bytes, Bucket]:
    config = deployment.config
    found: dict[bytes, Bucket] = {}
    for keeper in config.keepers:
        found[limit_key("Auto", keeper.account)] = _bucket(keeper.automatic, USD_DECIMALS)
        found[limit_key("Derisk", keeper.account)] = _bucket(keeper.reducing, USD_DECIMALS)
    for route in config.routes:
        decimals, address = config.assets[route.asset].decimals, deployment.address(route.contract)
        found[limit_key("Asset", address)] = _bucket(route.limit, decimals)
    for venue in config.venues:
        decimals = config.assets[venue.asset].decimals
        found[limit_key("Asset", venue.address)] = _bucket(venue.limit, decimals)
    return found


def _bucket(limit: Limit, decimals: int) -> Bucket:
    return bucket(limit, base_units(limit.cap, decimals), limit_exponent(decimals))


def _subjects(deployment: TreasuryContracts) -> dict[str, _Subject]:
    config = deployment.config
    routes = {
        deployment.address(route.contract): (f"limit of route {route.contract}", route.asset)
        for route in config.routes
    }
    venues = {
        venue.address: (f"limit of venue {venue.address}", venue.asset) for venue in config.venues
    }
    return {
        address: _Subject(title, asset, config.assets[asset].decimals)
        for address, (title, asset) in (routes | venues).items()
    }


def _known(subjects: dict[str, _Subject]) -> Callable[[bytes], Known]:
    def dollars(units: int) -> str:
        return f"{format_units(units, USD_DECIMALS)} US dollars"

    def units_of_token(units: int) -> str:
        return f"{units} units"

    def known(key: bytes) -> Known:
        kind, address = kind_of(key), subject_of(key)
        if kind == "Auto":
            return Known(f"automatic limit of keeper {address}", dollars)
        if kind == "Derisk":
            return Known(f"risk-reducing limit of keeper {address}", dollars)
        subject = subjects.get(address)
        if subject is None:
            return Known(f"limit of {address}", units_of_token)
        return Known(subject.title, subject.show)

    return known
