"""A treasury's contracts on one chain beside what is intended of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from scripts.deployment.chain import Chain
from scripts.deployment.deployer import Progress, deploy_missing
from scripts.deployment.kill_switch import KILL_SWITCH
from scripts.deployment.managed import (
    FOR_GOOD,
    MANAGER,
    Blueprint,
    Difference,
    ManagedDeployment,
    origin_differences,
)
from scripts.deployment.parts import Roles
from scripts.deployment.record import Record
from scripts.deployment.signing_list import Approve, at_once
from scripts.deployment.treasury.config import TreasuryConfig, load_treasury_config
from scripts.deployment.treasury.neighbours import Neighbour, load_neighbour
from scripts.deployment.treasury.parts import CctpRoute, CustodialRoute, OftRoute, Route
from scripts.deployment.treasury.prerequisites import treasury_problems

TREASURY, LEDGER, LENS, INBOX = "Treasury", "PlanLedger", "TreasuryLens", "Inbox"
ARTIFACTS = {CctpRoute: "CctpV2Route", OftRoute: "OftRoute", CustodialRoute: "CustodialRoute"}
CLOSED_BANDS = [0, 0, 0]
"""What a treasury begins with: everything needs two approvals, and no plan can be opened."""

CLOSED_FEE = 0


@dataclass(frozen=True)
class TreasuryDeployment(ManagedDeployment[TreasuryConfig]):
    """The treasury's; its neighbours' records lie beside its own."""

    @cached_property
    def _artifacts(self) -> dict[str, str]:
        """Compiled contracts by the names of deployed ones, in the order of their making."""
        found = {name: name for name in (MANAGER, KILL_SWITCH, LEDGER, TREASURY, LENS)}
        for route in self.config.routes:
            if isinstance(route, CustodialRoute):
                found[route.inbox] = INBOX
            found[route.contract] = ARTIFACTS[type(route)]
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Every contract that should be there, in the order of their deployment."""
        return tuple(self._artifacts)

    @property
    def given(self) -> Mapping[str, str]:
        """Manager, kill switch and ledger, where they belong to another deployment."""
        config = self.config
        shared = {
            MANAGER: config.access_manager,
            KILL_SWITCH: config.kill_switch,
            LEDGER: config.plan_ledger,
        }
        return {name: address for name, address in shared.items() if address is not None}

    @property
    def roles(self) -> Roles | None:
        """Who holds the manager's roles; None where it belongs to another deployment."""
        return self.config.roles

    @cached_property
    def neighbours(self) -> dict[str, Neighbour]:
        """The treasuries of the other networks, by name.

        Raises:
            DeploymentError, DeploymentConfigError: as `load_neighbour`.
        """
        networks = self.config.networks.items()
        folder = self.record.path.parent
        return {network: load_neighbour(folder, network, chain) for network, chain in networks}

    def problems(self, *, anew: bool) -> Iterator[str]:
        """Facts of the chain that are not as the file has them."""
        del anew  # no price is configured
        return treasury_problems(self.chain, self.config)

    def artifact_of(self, name: str) -> str:
        """Name of the compiled contract, given that of a deployed one."""
        return self._artifacts[name]

    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """What to deploy as `name`, once all before it are in the record."""
        artifact, at = self.artifact_of(name), self.record.addresses
        if name == MANAGER:
            return Blueprint(artifact, (deployer,))
        if name == LENS:
            return Blueprint(artifact, ())
        if name in {KILL_SWITCH, LEDGER}:
            return Blueprint(artifact, (at[MANAGER],))
        if name == TREASURY:
            shared = (at[MANAGER], at[LEDGER], at[KILL_SWITCH])
            return Blueprint(artifact, (*shared, CLOSED_BANDS))
        return Blueprint(artifact, (at[MANAGER], *self._of_route(name, at)))

    def _of_route(self, name: str, at: Mapping[str, str]) -> tuple[object, ...]:
        """Constructor arguments after the manager."""
        treasury = at[TREASURY]
        for route in self.config.routes:
            match route:
                case CctpRoute() if name == route.contract:
                    return treasury, self.config.assets[route.asset].address, route.messenger
                case OftRoute() if name == route.contract:
                    return treasury, route.oft, CLOSED_FEE
                case CustodialRoute() if name == route.inbox:
                    return treasury, self.config.assets[route.asset].address
                case CustodialRoute() if name == route.contract:
                    return (at[route.inbox],)
                case _:
                    continue
        raise LookupError(f"no contract is called {name}")


def open_treasury(chain: Chain, path: Path) -> TreasuryDeployment:
    """The treasury that a file intends, with its record beside the file.

    Raises:
        DeploymentConfigError: The file, or the record, cannot be used.
    """
    config = load_treasury_config(path)
    return TreasuryDeployment(chain, config, Record.load(path.with_suffix(".json"), config))


def deploy_treasury(
    deployment: TreasuryDeployment, progress: Progress, approve: Approve = at_once
) -> list[str]:
    """Deploy the contracts that the record lacks; return their names."""
    return deploy_missing(deployment, progress, approve)


def treasury_foundation(deployment: TreasuryDeployment) -> Iterator[Difference]:
    """What no call can mend: constructor arguments, managers, tokens, and contracts of others."""
    yield from origin_differences(deployment, (LENS,))
    for name, asset in deployment.config.assets.items():
        hint = f"correct assets.{name} in the configuration"
        actual = deployment.chain.decimals(asset.address, f"asset {name}")
        yield from deployment.report("assets", f"decimals of {name}", asset.decimals, actual, hint)
    for route in deployment.config.routes:
        yield from _of_bridge(deployment, route)


def _of_bridge(deployment: TreasuryDeployment, route: Route) -> Iterator[Difference]:
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
