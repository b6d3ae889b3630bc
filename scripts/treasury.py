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
        ManagedTreasury,
        "Deploy contracts missing from the treasury's deployments file, and record them there.",
    ),
    configure_command(
        ManagedTreasury,
        "Bring the treasury to the intended state; those of other chains must be deployed.",
    ),
    safe_command(ManagedTreasury),
    verify_command(
        ManagedTreasury,
        "List differences of the treasury from its intended state; exit status 1 if any.",
    ),
)


@click.group()
def cli() -> None:
    """Deploy, configure and verify the treasury of a chain."""


for command in COMMANDS:
    cli.add_command(command)
