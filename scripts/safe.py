"""Write what a Safe has to send: `ape run safe --network … --safe ADDRESS --output FILE`."""

from __future__ import annotations

from pathlib import Path

from scripts.deployment.command import VAULT, batch_command
from scripts.deployment.configurer import vault_aspects
from scripts.deployment.differences import Deployment
from scripts.deployment.safe_batch import write_safe_batch
from scripts.deployment.saying import restore_option, unpause_option


@batch_command(VAULT, restore_option, unpause_option)
def cli(deployment: Deployment, output: Path, *, restore_keepers: bool, unpause: bool) -> None:
    """Write the calls of `configure` that a Safe makes, for its Transaction Builder."""
    aspects = vault_aspects(deployment, restore_keepers=restore_keepers)
    write_safe_batch(deployment, aspects, output, unpause=unpause)
