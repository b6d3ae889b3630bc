"""Treasuries: `ape run treasury deploy`, then `configure`, then `verify`, with `--network …`.

Deploy on every chain before any is configured: each must know where the others are.
"""

from __future__ import annotations

import sys

import click

from scripts.deployment.command import Kind, reading_command, sending_command
from scripts.deployment.saying import restore_option, say_changes, say_differences
from scripts.deployment.signing_list import Approve
from scripts.deployment.supervision import accepted_risks
from scripts.deployment.treasury.configurer import configure_treasury, treasury_differences
from scripts.deployment.treasury.deployment import (
    TreasuryDeployment,
    deploy_treasury,
    open_treasury,
)

KIND = Kind(".treasury.toml", open_treasury)


@click.group()
def cli() -> None:
    """Deploy, configure and verify the treasury of a chain."""


@sending_command(KIND)
def deploy(deployment: TreasuryDeployment, approve: Approve) -> None:
    """Deploy what the treasury's deployments file lacks, and record it there."""
    deployed = deploy_treasury(deployment, click.echo, approve)
    click.echo(f"{len(deployed)} deployed, recorded in {deployment.record.path}")


@sending_command(KIND, restore_option)
def configure(deployment: TreasuryDeployment, approve: Approve, *, restore_keepers: bool) -> None:
    """Bring the treasury to the intended state; the other chains' must be deployed."""
    sent = configure_treasury(deployment, click.echo, approve, restore_keepers=restore_keepers)
    deployment.record.save(deployment.config)
    say_changes(sent, deployment.config.longest_period)


@reading_command(KIND)
def verify(deployment: TreasuryDeployment, as_json: bool) -> None:  # noqa: FBT001 - as click passes it
    """List what is not as intended of the treasury; exit status 1 if anything is."""
    differences = list(treasury_differences(deployment))
    sys.exit(
        say_differences(
            deployment.config.network, differences, accepted_risks(deployment), as_json=as_json
        )
    )


for command in (deploy, configure, verify):
    cli.add_command(command)
