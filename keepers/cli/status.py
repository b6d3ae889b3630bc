"""`ballast status`: the tiers of a vault now."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.text import Text

from keepers.cli.files import print_json
from keepers.cli.lazy import one_line
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.config import Settings, load_settings
from keepers.model.json_document import Json
from keepers.reports.run_list import Listing
from keepers.runtime.keys import treasuries_meant
from keepers.runtime.price_waits import vault_price_waits
from keepers.runtime.senders import sender_of_vault
from keepers.runtime.transactions.pauses import pauses_document
from keepers.runtime.vault.setup import connected, set_up
from keepers.runtime.vault.tier_status import status_document
from keepers.runtime.vault.trading_status import plan_line, read_trading, trading_document

LAYER = ("tier", "value", "ratio", "target", "deviation", "min", "max", "within_bounds")
HOLDING = ("tier", "symbol", "balance", "value", "weight", "target")
PLANNED = ("asset", "available", "cap", "full_at")
LIMIT = ("limit", "keeper", "available", "cap", "full_at")

PLAIN_WIDTH = 140
"""Columns where the output is not a terminal, so that no number is cut off."""


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
        show = import_module("keepers.cli.treasury_table").show_treasuries
        show(settings, as_json=as_json)
        return
    document = asyncio.run(_read(settings, vault))
    if as_json:
        print_json(document)
    else:
        _print(document)


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


def _print(document: dict[str, Any]) -> None:
    console = Console(width=None if sys.stdout.isatty() else PLAIN_WIDTH)
    symbol, block = document["settlement"]["symbol"], document["block"]
    console.print(
        Text(
            f"{document['vault']} on chain {document['chain_id']}, block {block['number']} of "
            f"{block['at']}: {document['total_assets']} {symbol}"
        )
    )
    if document["layers"][0]["within_bounds"] is None:
        console.print(Text("The vault has no assets."))
    console.print(table_of(LAYER, document["layers"]))
    console.print(table_of(HOLDING, document["holdings"]))
    console.print(table_of(LIMIT, document["limits"]))
    console.print(table_of(PLANNED, document["planned_limits"]))
    _print_trading(console, document, symbol)
    if document["paused"]:
        console.print(Text("The controller is paused."))
    pauses: list[dict[str, Any]] = document["pauses"] or []
    for each in pauses:
        text = f"{each['scope']} is paused by {each['paused_by']}: {each['reason']}"
        console.print(Text(one_line(text)))
    if document["pauses"] is None:
        console.print(Text(one_line(f"Pauses are not known: {document['pauses_problem']}")))
    for line in price_lines(document):
        console.print(Text(line), soft_wrap=True)


def price_lines(document: Mapping[str, Any]) -> Iterator[str]:
    """One line for each piece of work that waits for gas to be cheaper."""
    if document["waiting_for_gas"] is None:
        yield "Which transactions wait for a price of gas is not known."
        return
    for each in document["waiting_for_gas"]:
        yield one_line(each["text"])


def _print_trading(console: Console, document: dict[str, Any], symbol: str) -> None:
    """What is left out, one line each, and when the plan of now can pass."""
    line = plan_line(document["plan"], symbol)
    if line is not None:
        console.print(Text(line))
    for each in document["left_out"]:
        console.print(Text(one_line(each["text"])), soft_wrap=True)


def table_of(columns: tuple[str, ...], rows: list[dict[str, Any]]) -> Listing:
    """A table of the rows of a `status` document, within 80 columns."""
    return Listing(
        [column.replace("_", " ") for column in columns],
        [[_cell(_short(column, row[column])) for column in columns] for row in rows],
    )


def _short(column: str, value: object) -> object:
    """A limit's row in 80 columns; --json has all of it."""
    if column == "keeper" and isinstance(value, str):
        return f"{value[:6]}…{value[-4:]}" if value else value
    if column == "full_at" and isinstance(value, str):
        return value[:16].replace("T", " ")
    return value


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    return "" if value is None else str(value)
