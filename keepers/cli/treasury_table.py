"""`ballast status --vault treasury`, as people read it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.text import Text

from keepers.cli.files import print_json
from keepers.cli.lazy import one_line
from keepers.cli.status import PLAIN_WIDTH, price_lines, table_of
from keepers.reports.transfers.text import render_list
from keepers.runtime.treasury.read_only import treasury_reading
from keepers.runtime.treasury.setup import words_of
from keepers.runtime.treasury.status import TreasuryStatus, read_status, treasury_document

if TYPE_CHECKING:
    from keepers.config import Settings

BALANCE = ("chain", "idle", "invested", "under_way", "effective", "base", "threshold", "stands")
LIMIT = ("chain", "limit", "of", "available", "cap", "full_at")


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
    width = None if sys.stdout.isatty() else PLAIN_WIDTH
    print_treasuries(Console(width=width), document)
    if status.transfers:
        click.echo("Under way, stuck ones first; `ballast transfers show ID` has more:")
        click.echo(render_list(status.transfers, words_of(settings), now, width), nl=False)
    _print_rest(status, document)


def print_treasuries(console: Console, document: Mapping[str, Any]) -> None:
    """Print chains, balances and limits of the document of `treasury_document`."""
    for each in document["chains"]:
        console.print(Text(one_line(_chain(each))))
    names = {each["chain"]: each["name"] for each in document["chains"]}
    for asset in sorted({each["asset"] for each in document["balances"]}):
        console.print(Text(f"\n{asset}"))
        rows = [_balance(each) for each in document["balances"] if each["asset"] == asset]
        console.print(table_of(BALANCE, rows))
    console.print(Text("\nWhat the limits admit now: keepers' in US dollars, others' in tokens"))
    rows = [_limit(each) | {"chain": names[each["chain"]]} for each in document["limits"]]
    console.print(table_of(LIMIT, rows))


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
    for line in _troubles(document):
        click.echo(one_line(line))


def _troubles(document: Mapping[str, Any]) -> Iterator[str]:
    for asset, reasons in document["unreadable"].items():
        yield from (f"Left out of {asset}: {reason}" for reason in reasons)
    for chain, name in document["switched_off"].items():
        yield f"{name} ({chain}) is switched off (enabled = false): neither read nor planned"
    for each in document["off_transfers"]:
        yield f"{each} is under way to or from a chain that is switched off"
    for each in document["fallback_waits"]:
        yield (
            f"{each['asset']}: {each['chain']} gets by a fallback what it lacks from "
            f"{each['used_from']} on, if no other route can until then"
        )
    for each in document["pauses"]:
        yield f"{each['scope']} is paused by {each['paused_by']}: {each['reason']}"
    yield from price_lines(document)


def _chain(each: Mapping[str, Any]) -> str:
    where = f"{each['name']} ({each['chain']})"
    if each["treasury"]:
        where = f"{where}: treasury {each['treasury']}"
    if not each["is_readable"]:
        return f"{where}: cannot be read"
    paused = ", PAUSED: nothing leaves" if each["paused"] else ""
    block = f"block {each['block']['number']} of {each['block']['at']}"
    return f"{where}: {block}, keeper {each['keeper']} has {each['coins']} coins{paused}"


def _balance(each: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "chain": each["name"],
        "idle": each["idle"],
        "invested": each["invested"],
        "under_way": "\n".join(_under_way(each)),
        "effective": each["effective"],
        "base": each["base"],
        "threshold": each["threshold"],
        "stands": _stands(each),
    }


def _under_way(each: Mapping[str, Any]) -> Iterator[str]:
    """Phase by phase: what is still here, what is somewhere, what has come and goes on."""
    if each["leaving"] != "0":
        yield f"-{each['leaving']} to leave"
    for stage, amount in each["coming_from"].items():
        yield f"+{amount} at {stage}"
    if each["to_invest"] != "0":
        yield f"-{each['to_invest']} to invest"
    if each["to_divest"] != "0":
        yield f"+{each['to_divest']} to divest"


def _stands(each: Mapping[str, Any]) -> str:
    if each["base"] is None:
        return "no base"
    if each["deficit"] != "0":
        return f"{'TRIGGERED' if each['triggered'] else 'short'}, {each['deficit']} missing"
    return "at base" if each["surplus"] == "0" else f"{each['surplus']} above"


def _limit(each: Mapping[str, Any]) -> dict[str, Any]:
    of = each["of"]
    shown = f"{of[:6]}…{of[-4:]}" if of.startswith("0x") else of
    return {**each, "of": shown if each["asset"] is None else f"{each['asset']} {shown}"}
