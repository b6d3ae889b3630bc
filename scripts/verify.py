"""Compare the chain with the intended state: `ape run verify --network …`."""

from __future__ import annotations

import json
import sys

import click

from scripts.deployment.command import reading_command
from scripts.deployment.configurer import all_differences
from scripts.deployment.differences import Deployment


@reading_command
def cli(deployment: Deployment, as_json: bool) -> None:  # noqa: FBT001 - as click passes it
    """List each role, parameter and code hash that is not as intended; exit status 1 if any."""
    differences = list(all_differences(deployment))
    if as_json:
        fields = ("contract", "what", "expected", "actual")
        rows = [{field: getattr(entry, field) for field in fields} for entry in differences]
        network = deployment.config.network
        click.echo(json.dumps({"network": network, "differences": rows}, indent=2))
    else:
        for difference in differences:
            click.echo(f"{difference}; {difference.hint}" if difference.hint else str(difference))
        click.echo(f"{len(differences)} differences" if differences else "as intended")
    sys.exit(1 if differences else 0)
