"""Deployment of a treasury: parameters compared with its file, and the order of corrections."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.deployment.deployment import (
    FOR_GOOD,
    Difference,
    ManagedDeployment,
    decimals_differences,
)
from scripts.deployment.treasury.config import TreasuryConfig
from scripts.deployment.treasury.contracts import TreasuryContracts
from scripts.deployment.treasury.parts import CctpRoute, OftRoute, Route
from scripts.deployment.treasury.prerequisites import treasury_problems
from scripts.deployment.treasury.settings import treasury_settings


class ManagedTreasury(TreasuryContracts, ManagedDeployment[TreasuryConfig]):
    """Strategy of a treasury; the comparison requires the records of the networks of its lanes."""

    config_type = TreasuryConfig
    suffix = ".treasury.toml"

    def problems(self, *, anew: bool) -> Iterator[str]:
        """Yield mismatches between the file and facts of the chain."""
        del anew  # no price is configured
        return treasury_problems(self.chain, self.config)

    def foundation(self) -> Iterator[Difference]:
        """Yield differences of asset decimals, and of the routes' bridge contracts."""
        yield from decimals_differences(self, "assets", "asset", self.config.assets)
        for route in self.config.routes:
            yield from _of_bridge(self, route)

    def settings(self, *, restore_keepers: bool) -> Iterator[Difference]:
        """Yield differences of assets, routes, lanes, venues, bands, limits, approvers, keepers.

        Raises:
            DeploymentError: The treasury of another network is not deployed.
        """
        return treasury_settings(self, restore_keepers=restore_keepers)


def _of_bridge(deployment: TreasuryContracts, route: Route) -> Iterator[Difference]:
    name = route.contract
    token = deployment.config.assets[route.asset].address
    yield from deployment.report(name, "token", token, deployment.read(name, "token"), FOR_GOOD)
    hint = f"correct route {name} in the configuration"
    if isinstance(route, CctpRoute):
        actual = deployment.read(name, "transmitter")
        yield from deployment.report(name, "transmitter", route.transmitter, actual, hint)
        domain = deployment.chain.contract("IMessageTransmitterV2", actual).functions.localDomain()
        yield from deployment.report(name, "domain", route.domain, domain.call(), hint)
    if isinstance(route, OftRoute):
        actual = deployment.read(name, "endpoint")
        yield from deployment.report(name, "endpoint", route.endpoint, actual, hint)
        eid = deployment.chain.number(actual, "eid", f"endpoint of {name}")
        yield from deployment.report(name, "eid", route.eid, eid, hint)
