"""Treasuries of other chains, read from their deployments files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.deployment.errors import DeploymentConfigError, DeploymentError

SUFFIX = ".treasury.json"


@dataclass(frozen=True)
class Neighbour:
    """Treasury of another network, from its record."""

    network: str
    chain_id: int
    treasury: str
    assets: dict[str, dict[str, Any]]
    routes: dict[tuple[str, str], dict[str, Any]]

    def decimals(self, asset: str) -> int:
        """Return the decimals of an asset on that chain."""
        return int(self._asset(asset)["decimals"])

    def token(self, asset: str) -> str:
        """Return the address of an asset on that chain."""
        return str(self._asset(asset)["address"])

    def route(self, asset: str, name: str) -> dict[str, Any]:
        """Return a route of that treasury.

        Raises:
            DeploymentError: It has no route of that name.
        """
        if (asset, name) not in self.routes:
            raise DeploymentError(
                f"{self.network} has no route {name} of {asset}: add it to its intended state and "
                "deploy it there first"
            )
        return self.routes[asset, name]

    def _asset(self, asset: str) -> dict[str, Any]:
        if asset not in self.assets:
            raise DeploymentError(f"{self.network} has no asset {asset}: deploy it there first")
        return self.assets[asset]


def load_neighbour(folder: Path, network: str, chain_id: int) -> Neighbour:
    """Read the record of another network.

    Raises:
        DeploymentError: Nothing is deployed there.
        DeploymentConfigError: The file is of another chain or cannot be read.
    """
    path = folder / f"{network}{SUFFIX}"
    if not path.exists():
        raise DeploymentError(
            f"{path}: no such file; deploy the treasury of {network} first, then configure this one"
        )
    try:
        content: dict[str, Any] = json.loads(path.read_text())
        found = Neighbour(
            network,
            int(content["chain_id"]),
            str(content["contracts"]["Treasury"]["address"]),
            dict(content["assets"]),
            {(each["asset"], each["name"]): each for each in content["routes"]},
        )
    except KeyError as error:
        raise DeploymentError(
            f"{path}: has no {error}; finish the deployment of {network} first"
        ) from error
    except (ValueError, TypeError) as error:
        raise DeploymentConfigError(f"{path}: not a treasury's record ({error})") from error
    if found.chain_id != chain_id:
        raise DeploymentConfigError(f"{path}: is for chain {found.chain_id}, not {chain_id}")
    return found
