"""`ballast status`: the tiers of a vault now."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path

import click
from rich.console import Console

from keepers.cli.files import print_json
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.config import Settings, load_settings
from keepers.model.json_document import Json
from keepers.reports.status_text import STATUS_WIDTH, print_vault
from keepers.reports.terminal import terminal_width
from keepers.reports.vault_status import status_document
from keepers.runtime.keys import treasuries_meant
from keepers.runtime.price_waits import vault_price_waits
from keepers.runtime.senders import sender_of_vault
from keepers.runtime.transactions.pauses import pauses_document
from keepers.runtime.vault.setup import connected, set_up
from keepers.runtime.vault.trading_status import read_trading, trading_document


@click.command()
@config_option
@vault_option
@json_option
@verbose_option
def status(config: Path | None, vault: str | None, *, as_json: bool) -> None:
    """Show tiers, bands, holdings and limits at the newest block; no key is read.

    With --vault treasury, or where there is no vault: what each treasury holds, what is wanted
    there, what the limits admit, and all that is under way.
    """
    settings = load_settings(config)
    if treasuries_meant(settings, vault):
        show = import_module("keepers.cli.status_treasury").show_treasuries
        show(settings, as_json=as_json)
        return
    document = asyncio.run(_read(settings, vault))
    if as_json:
        print_json(document)
    else:
        print_vault(Console(width=terminal_width(STATUS_WIDTH)), document)


async def _read(settings: Settings, vault: str | None) -> dict[str, Json]:
    setup = set_up(settings, vault)
    async with connected(setup, None) as chain:
        snapshot = await chain.snapshot()
        keepers = await chain.limits(setup.deployment.keepers, snapshot.block_number)
        trading = await read_trading(chain, snapshot)
        head = await chain.node.head(snapshot.block_number)
    tiers = setup.vault.tier_config(snapshot.settlement_decimals)
    return (
        status_document(snapshot, tiers, keepers)
        | trading_document(snapshot, tiers, trading, keepers)
        | pauses_document(settings, setup)
        | vault_price_waits(settings, sender_of_vault(setup), head.base_fee)
    )
