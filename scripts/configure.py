"""Configure the contracts: `ape run configure --network … --account …`."""

from __future__ import annotations

import click

from scripts.deployment.command import sending_command
from scripts.deployment.configurer import configure
from scripts.deployment.differences import Deployment

SECONDS_PER_HOUR = 3600
restore_option = click.option(
    "--restore-keepers", is_flag=True, help="Also add keepers back that the guardian removed."
)


@sending_command(restore_option)
def cli(deployment: Deployment, *, restore_keepers: bool) -> None:
    """Bring roles and parameters to the intended state; sends only what differs."""
    sent = configure(deployment, click.echo, restore_keepers=restore_keepers)
    deployment.record.save(deployment.config)
    click.echo(f"{sent} changes sent" if sent else "nothing to change")
    if sent:
        hours = deployment.config.longest_period / SECONDS_PER_HOUR
        click.echo(f"new limits start empty; the slowest is full after {hours:g} hours")
