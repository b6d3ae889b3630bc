"""Deploy Ballast's contracts, once: `ape run deploy --network … --account …`."""

from __future__ import annotations

import click

from scripts.deployment.command import VAULT, sending_command
from scripts.deployment.deployer import deploy
from scripts.deployment.differences import Deployment
from scripts.deployment.signing_list import Approve


@sending_command(VAULT)
def cli(deployment: Deployment, approve: Approve) -> None:
    """Deploy what the deployments file lacks, and record it there."""
    deployed = deploy(deployment.chain, deployment.config, deployment.record, click.echo, approve)
    click.echo(f"{len(deployed)} deployed, recorded in {deployment.record.path}")
