"""Deployments file of a chain's treasury, as the deployment scripts write it."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field

from keepers.chain.addresses import TreasuryAddresses
from keepers.config.deployment import (
    ChainDeployment,
    DeployedToken,
    DeploymentPart,
    read_deployment,
)
from keepers.config.errors import DeploymentError
from keepers.config.values import AddressText

REQUIRED_CONTRACTS = ("AccessManager", "PlanLedger", "Treasury", "TreasuryLens")
"""Contracts that every treasury requires."""

MULTICALL3 = "multicall3"


class RouteKind(StrEnum):
    """Kind of a route's contract."""

    CCTP = "CCTP"
    OFT = "OFT"
    CUSTODIAL = "CUSTODIAL"


REQUIRED_FACTS: Mapping[RouteKind, tuple[str, ...]] = {
    RouteKind.CCTP: ("domain", "transmitter", "max_fee_bps"),
    RouteKind.OFT: ("oft", "eid"),
    RouteKind.CUSTODIAL: ("deposit_address", "inbox"),
}
"""Required members of routes, by kind."""


class DeployedRoute(DeploymentPart):
    """Route of one asset to other chains.

    Attributes:
        name: Name of the route, the same on all chains.
        lanes: Ids of the chains that the route leads to.
        domain: Circle's domain number of this chain.
        max_fee_bps: Largest CCTP fee.
        eid: LayerZero's endpoint id of this chain.
        network: The exchange's name of this chain; None if the route uses no exchange.
    """

    asset: str
    name: str
    kind: RouteKind
    address: AddressText
    lanes: tuple[Annotated[int, Field(gt=0)], ...]
    domain: Annotated[int, Field(ge=0)] | None = None
    transmitter: AddressText | None = None
    max_fee_bps: Annotated[int, Field(ge=0)] | None = None
    oft: AddressText | None = None
    eid: Annotated[int, Field(gt=0)] | None = None
    deposit_address: AddressText | None = None
    inbox: AddressText | None = None
    network: str | None = None


class TreasuryDeployment(ChainDeployment):
    """Contracts of the treasury on one chain."""

    SCRIPT = "ape run treasury deploy"

    assets: Mapping[str, DeployedToken]
    routes: tuple[DeployedRoute, ...]
    venues: Mapping[str, tuple[AddressText, ...]] = Field(default_factory=dict)

    @property
    def treasury(self) -> str:
        """The treasury's address."""
        return self.contracts["Treasury"].address

    def route(self, asset: str, name: str) -> DeployedRoute | None:
        """Return a route by its asset and name; None if there is none."""
        return next((r for r in self.routes if (r.asset, r.name) == (asset, name)), None)

    def addresses(self) -> TreasuryAddresses:
        """Return the addresses that a keeper needs."""
        return TreasuryAddresses(
            treasury=self.treasury,
            lens=self.contracts["TreasuryLens"].address,
            multicall3=self.external[MULTICALL3],
            assets={name: (each.address, each.decimals) for name, each in self.assets.items()},
            routes={(each.asset, each.name): each.address for each in self.routes},
            venues=self.venues,
        )


def load_treasury_deployment(path: Path, chain_id: int | None = None) -> TreasuryDeployment:
    """Read a deployments file of a treasury.

    Args:
        path: The file.
        chain_id: The expected chain, if known.

    Raises:
        DeploymentError: The file is missing, malformed, of another chain, or incomplete.
    """
    deployment = read_deployment(path, TreasuryDeployment, REQUIRED_CONTRACTS, chain_id)
    if MULTICALL3 not in deployment.external:
        raise DeploymentError(path, f"external.{MULTICALL3}", "is missing")
    for name in deployment.venues:
        _require_asset(path, deployment, f"venues.{name}", name)
    seen: set[tuple[str, str]] = set()
    for index, route in enumerate(deployment.routes):
        where = f"routes.{index}"
        _require_asset(path, deployment, f"{where}.asset", route.asset)
        for fact in REQUIRED_FACTS[route.kind]:
            if getattr(route, fact) is None:
                raise DeploymentError(path, f"{where}.{fact}", "is missing")
        if (route.asset, route.name) in seen:
            problem = f"{route.asset} has a route {route.name} twice"
            raise DeploymentError(path, where, problem)
        seen.add((route.asset, route.name))
    return deployment


def _require_asset(path: Path, deployment: TreasuryDeployment, where: str, name: str) -> None:
    if name not in deployment.assets:
        raise DeploymentError(path, where, f"{name} is not one of the assets")
