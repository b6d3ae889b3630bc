"""Configure the contracts: `ape run configure --network … --account …`."""

from __future__ import annotations

import click

from scripts.deployment.command import sending_command
from scripts.deployment.configurer import configure
from scripts.deployment.differences import Deployment


@sending_command
def cli(deployment: Deployment) -> None:
    """Bring roles and parameters to the intended state; sends only what differs."""
    sent = configure(deployment, click.echo)
    click.echo(f"{sent} changes sent" if sent else "nothing to change")
