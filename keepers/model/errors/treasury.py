"""What can be wrong with how the treasuries are set up."""

from __future__ import annotations

from typing import ClassVar

from keepers.model.errors import EXIT_UNUSABLE_INPUT
from keepers.model.errors.bridges import BridgeError


class BridgeNotConfiguredError(BridgeError):
    """A route is deployed, and the settings do not say where its service is."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, route: str) -> None:
        super().__init__(
            f"route {route} is deployed, and its service is not configured; add "
            f"[treasury.bridges.{route}]"
        )
        self.route = route


class UnusableRouteError(BridgeError):
    """A deployments file has a route that no bridge of ours can serve."""

    exit_status: ClassVar[int] = EXIT_UNUSABLE_INPUT

    def __init__(self, route: str, asset: str, chain: str, problem: str) -> None:
        super().__init__(
            f"route {route} of {asset} on {chain} cannot be used: {problem}; correct the "
            "deployments file, or deploy the route under another name"
        )
        self.route = route
        self.asset = asset
        self.chain = chain
        self.problem = problem
