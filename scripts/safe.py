"""Write the calls for a Safe to send: `ape run safe --network … --safe ADDRESS --output FILE`."""

from __future__ import annotations

from scripts.deployment.commands import safe_command
from scripts.deployment.vault.deployment import ManagedVault

cli = safe_command(ManagedVault)
