"""`ballast status --vault treasury`: all treasuries now."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from keepers.cli.files import print_json
from keepers.reports.amounts import one_line
from keepers.reports.status_text import STATUS_WIDTH, print_treasuries, trouble_lines
from keepers.reports.terminal import terminal_width
from keepers.reports.transfer_text import render_transfers
from keepers.reports.treasury_status import TreasuryStatus, treasury_document
from keepers.runtime.treasury.read_only import treasury_reading
from keepers.runtime.treasury.setup import labels_of
from keepers.runtime.treasury.status import read_status

if TYPE_CHECKING:
    from keepers.config import Settings


def show_treasuries(settings: Settings, *, as_json: bool) -> None:
    """Look at all treasuries, and print what was found."""
    asyncio.run(_show(settings, as_json=as_json))


async def _show(settings: Settings, *, as_json: bool) -> None:
    async with treasury_reading(settings, with_bridges=False) as reading:
        status = await read_status(reading)
        now = reading.inventory.transfers.now()
    document = treasury_document(status)
    if as_json:
        print_json(document)
        return
    width = terminal_width(STATUS_WIDTH)
    print_treasuries(Console(width=width), document)
    if status.transfers:
        click.echo("Under way, stuck ones first; `ballast transfers show ID` has more:")
        click.echo(render_transfers(status.transfers, labels_of(settings), now, width), nl=False)
    _print_rest(status, document)


def _print_rest(status: TreasuryStatus, document: Mapping[str, Any]) -> None:
    for each in document["placements"]:
        move = f"{each['verb'].lower()} {each['amount']} {each['asset']} with {each['venue']}"
        click.echo(one_line(f"{each['chain']}: {move}: {each['state'].lower()}"))
    for batch in status.batches:
        until = f" until {batch.deadline:%Y-%m-%d %H:%M} UTC" if batch.plans else ""
        text = f"batch {batch.batch_id}: {batch.origin.lower()}, {batch.state.lower()}{until}"
        click.echo(one_line(text))
    if not (status.transfers or status.placements or status.batches):
        click.echo("Nothing is under way.")
    for line in trouble_lines(document):
        click.echo(one_line(line))
