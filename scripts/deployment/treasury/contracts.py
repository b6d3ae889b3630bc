"""Contracts of a treasury in the order of their deployment, with constructor arguments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from scripts.deployment.config import Roles
from scripts.deployment.deployment import (
    KILL_SWITCH,
    LEDGER,
    MANAGER,
    Blueprint,
    ManagedContracts,
)
from scripts.deployment.treasury.config import TreasuryConfig
from scripts.deployment.treasury.neighbours import Neighbour, load_neighbour
from scripts.deployment.treasury.parts import CctpRoute, CustodialRoute, OftRoute

TREASURY, LENS, INBOX = "Treasury", "TreasuryLens", "Inbox"
ARTIFACTS = {CctpRoute: "CctpV2Route", OftRoute: "OftRoute", CustodialRoute: "CustodialRoute"}
CLOSED_BANDS = [0, 0, 0]
"""Initial bands of a treasury: everything needs two approvals, and no plan can be opened."""

CLOSED_FEE = 0


@dataclass(frozen=True)
class TreasuryContracts(ManagedContracts[TreasuryConfig]):
    """A treasury's contracts; the records of its neighbours are in the same folder."""

    without_manager = (LENS,)

    @cached_property
    def _artifacts(self) -> dict[str, str]:
        """Return the compiled contracts by deployed name, in the order of deployment."""
        found = {name: name for name in (MANAGER, KILL_SWITCH, LEDGER, TREASURY, LENS)}
        for route in self.config.routes:
            if isinstance(route, CustodialRoute):
                found[route.inbox] = INBOX
            found[route.contract] = ARTIFACTS[type(route)]
        return found

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all intended contracts, in the order of deployment."""
        return tuple(self._artifacts)

    @property
    def given(self) -> Mapping[str, str]:
        """Manager, kill switch and ledger that belong to another deployment."""
        config = self.config
        shared = {
            MANAGER: config.access_manager,
            KILL_SWITCH: config.kill_switch,
            LEDGER: config.plan_ledger,
        }
        return {name: address for name, address in shared.items() if address is not None}

    @property
    def roles(self) -> Roles | None:
        """Holders of the manager's roles; None if the manager belongs to another deployment."""
        return self.config.roles

    @cached_property
    def neighbours(self) -> dict[str, Neighbour]:
        """The treasuries of the other networks, by name.

        Raises:
            DeploymentError, DeploymentConfigError: As `load_neighbour`.
        """
        networks = self.config.networks.items()
        folder = self.record.path.parent
        return {network: load_neighbour(folder, network, chain) for network, chain in networks}

    def artifact_of(self, name: str) -> str:
        """Return the name of the compiled contract of a deployed one."""
        return self._artifacts[name]

    def blueprint(self, name: str, deployer: str) -> Blueprint:
        """Return artifact and arguments of `name`; the contracts before it must be recorded."""
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
        """Return the constructor arguments after the manager."""
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
