"""The `ballast` command."""

import click

from keepers.cli.lazy import BallastGroup

COMMANDS = {
    "check": "keepers.cli.check:check",
    "config": "keepers.cli.config:config",
    "plan": "keepers.cli.plan:plan",
    "report": "keepers.cli.report:report",
    "run": "keepers.cli.run:run",
    "status": "keepers.cli.status:status",
}
"""Every command and where it is; nothing of it is imported before it is used."""


@click.group(
    cls=BallastGroup, lazy=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]}
)
@click.version_option(package_name="ballast")
def cli() -> None:
    """Keep an on-chain treasury where its owners want it."""
