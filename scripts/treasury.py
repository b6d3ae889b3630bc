"""Treasuries: `ape run treasury deploy`, then `configure`, then `verify`, with `--network …`.

Deploy on every chain before any is configured: each must know where the others are.
"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from scripts.deployment.command import Kind, batch_command, reading_command, sending_command
from scripts.deployment.safe_batch import write_safe_batch
from scripts.deployment.saying import restore_option, say_changes, say_differences, unpause_option
from scripts.deployment.signing_list import Approve
from scripts.deployment.supervision import accepted_risks
from scripts.deployment.treasury.configurer import (
    configure_treasury,
    treasury_aspects,
    treasury_differences,
)
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


@sending_command(KIND, restore_option, unpause_option)
def configure(
    deployment: TreasuryDeployment, approve: Approve, *, restore_keepers: bool, unpause: bool
) -> None:
    """Bring the treasury to the intended state; the other chains' must be deployed."""
    sent = configure_treasury(
        deployment, click.echo, approve, restore_keepers=restore_keepers, unpause=unpause
    )
    deployment.record.save(deployment.config)
    say_changes(sent, deployment.config.longest_period)


@batch_command(KIND, restore_option, unpause_option)
def safe(
    deployment: TreasuryDeployment, output: Path, *, restore_keepers: bool, unpause: bool
) -> None:
    """Write the calls of `configure` that a Safe makes, for its Transaction Builder."""
    aspects = treasury_aspects(deployment, restore_keepers=restore_keepers)
    write_safe_batch(deployment, aspects, output, unpause=unpause)


@reading_command(KIND)
def verify(deployment: TreasuryDeployment, as_json: bool) -> None:  # noqa: FBT001 - as click passes it
    """List what is not as intended of the treasury; exit status 1 if anything is."""
    differences = list(treasury_differences(deployment))
    sys.exit(
        say_differences(
            deployment.config.network, differences, accepted_risks(deployment), as_json=as_json
        )
    )


for command in (deploy, configure, safe, verify):
    cli.add_command(command)
