"""Record of the deployed contracts: `deployments/<network>.json`, saved after every contract."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.deployment.config import ManagedConfig
from scripts.deployment.errors import DeploymentConfigError


@dataclass(frozen=True)
class DeployedContract:
    """Deployed contract: address, transaction, artifact and constructor arguments.

    A contract of another deployment has no transaction, and its block is the one at which it was
    recorded.
    """

    address: str
    transaction: str
    block: int
    arguments: list[Any]
    code_hash: str


@dataclass
class Record:
    """Deployments file of one network."""

    path: Path
    network: str
    chain_id: int
    contracts: dict[str, DeployedContract] = field(default_factory=dict[str, DeployedContract])

    @property
    def addresses(self) -> dict[str, str]:
        """Addresses of the contracts, by name."""
        return {name: entry.address for name, entry in self.contracts.items()}

    @classmethod
    def load(cls, path: Path, config: ManagedConfig) -> Record:
        """Read the file, or return an empty record if there is none.

        Raises:
            DeploymentConfigError: The file is of another network or cannot be read.
        """
        record = cls(path, config.network, config.chain_id)
        if not path.exists():
            return record
        try:
            content: dict[str, Any] = json.loads(path.read_text())
            contracts = {
                name: DeployedContract(**entry) for name, entry in content["contracts"].items()
            }
            chain_id = content["chain_id"]
        except (ValueError, KeyError, TypeError) as error:
            raise DeploymentConfigError(f"{path}: not a deployments file ({error})") from error
        if chain_id != config.chain_id:
            raise DeploymentConfigError(f"{path}: is for chain {chain_id}, not {config.chain_id}")
        record.contracts = contracts
        return record

    def save(self, config: ManagedConfig) -> None:
        """Write the file atomically."""
        content: dict[str, Any] = {
            "network": self.network,
            "chain_id": self.chain_id,
            **config.record_fields(self.addresses),
            "contracts": {name: vars(entry) for name, entry in self.contracts.items()},
            "block": max((entry.block for entry in self.contracts.values()), default=0),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        partial = self.path.with_suffix(".partial")
        partial.write_text(json.dumps(content, indent=2) + "\n")
        os.replace(partial, self.path)  # noqa: PTH105 - atomic on purpose
