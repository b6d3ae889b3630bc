"""Compare the chain with a vault's intended state: `ape run verify --network …`."""

from __future__ import annotations

from scripts.deployment.commands import verify_command
from scripts.deployment.vault.deployment import ManagedVault

cli = verify_command(
    ManagedVault,
    "List each role, parameter and code hash that differs from the file; exit status 1 if any.",
)
