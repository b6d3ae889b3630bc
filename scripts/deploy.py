"""Deploy a vault's contracts, once: `ape run deploy --network … --account …`."""

from __future__ import annotations

from scripts.deployment.commands import deploy_command
from scripts.deployment.vault.deployment import ManagedVault

cli = deploy_command(
    ManagedVault, "Deploy contracts missing from the deployments file, and record them there."
)
