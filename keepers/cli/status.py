"""`ballast status`: the current state of a vault or of the treasuries."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click
from rich.console import Console

from keepers.cli.files import print_json
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.config import load_settings
from keepers.reports.status_text import STATUS_WIDTH
from keepers.reports.terminal import terminal_width
from keepers.runtime.owners import chosen_owner


@click.command()
@config_option
@vault_option
@json_option
@verbose_option
def status(config: Path | None, vault: str | None, *, as_json: bool) -> None:
    """Show tiers, bands, holdings and limits at the newest block; no key is read.

    With --vault treasury, or without any vault: the balance and base of each treasury, what its
    limits still admit, and the transfers under way.
    """
    found = asyncio.run(chosen_owner(load_settings(config), vault).status())
    if as_json:
        print_json(found.document)
        return
    width = terminal_width(STATUS_WIDTH)
    found.table(Console(width=width))
    click.echo(found.text(width), nl=False)
