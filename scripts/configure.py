"""Configure a vault's contracts: `ape run configure --network … --account …`."""

from __future__ import annotations

from scripts.deployment.commands import configure_command
from scripts.deployment.vault.deployment import ManagedVault

cli = configure_command(
    ManagedVault,
    "Bring roles and parameters to the intended state; only differences are sent.",
)
