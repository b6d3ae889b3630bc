"""Treasuries: `ape run treasury deploy`, then `configure`, then `verify`, with `--network …`.

Deploy on every chain before configuring any: each treasury needs the addresses of the others.
"""

from __future__ import annotations

import click

from scripts.deployment.commands import (
    configure_command,
    deploy_command,
    safe_command,
    verify_command,
)
from scripts.deployment.treasury.deployment import ManagedTreasury

COMMANDS = (
    deploy_command(
        ManagedTreasury, "Deploy what the treasury's deployments file lacks, and record it there."
    ),
    configure_command(
        ManagedTreasury,
        "Bring the treasury to the intended state; the other chains' must be deployed.",
    ),
    safe_command(ManagedTreasury),
    verify_command(
        ManagedTreasury,
        "List what is not as intended of the treasury; exit status 1 if anything is.",
    ),
)


@click.group()
def cli() -> None:
    """Deploy, configure and verify the treasury of a chain."""


for command in COMMANDS:
    cli.add_command(command)
