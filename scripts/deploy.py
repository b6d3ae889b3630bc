"""Deploy a vault's contracts, once: `ape run deploy --network … --account …`."""

from __future__ import annotations

from scripts.deployment.commands import deploy_command
from scripts.deployment.vault.deployment import ManagedVault

cli = deploy_command(ManagedVault, "Deploy what the deployments file lacks, and record it there.")
