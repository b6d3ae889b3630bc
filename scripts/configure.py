"""Configure the contracts: `ape run configure --network … --account …`."""

from __future__ import annotations

import click

from scripts.deployment.command import VAULT, sending_command
from scripts.deployment.configurer import configure
from scripts.deployment.differences import Deployment
from scripts.deployment.saying import restore_option, say_changes, unpause_option
from scripts.deployment.signing_list import Approve


@sending_command(VAULT, restore_option, unpause_option)
def cli(deployment: Deployment, approve: Approve, *, restore_keepers: bool, unpause: bool) -> None:
    """Bring roles and parameters to the intended state; sends only what differs."""
    sent = configure(
        deployment, click.echo, approve, restore_keepers=restore_keepers, unpause=unpause
    )
    deployment.record.save(deployment.config)
    say_changes(sent, deployment.config.longest_period)
