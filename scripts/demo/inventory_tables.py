"""Tables of the chapter on three chains: balances against bases, and transfers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from rich.table import Table
from rich.text import Text

from scripts.demo.journeys import Journey
from scripts.demo.tables import console
from scripts.demo.treasuries import BASE, Holdings, Treasuries

THRESHOLD = BASE // 2
SHOWN_OF_HASH = 8


def print_inventory(
    treasuries: Treasuries, before: Holdings, spent: Holdings, after: Holdings
) -> None:
    """Print idle tokens by chain and asset against their base, red at the threshold."""
    table = Table(title="Idle in the treasuries", title_justify="left")
    table.add_column("chain")
    table.add_column("asset")
    for column in ("base", "initial", "after spending", "final"):
        table.add_column(column, justify="right")
    for chain, asset in sorted(before, key=lambda each: (each[1], each[0])):
        whole = [
            Decimal(held[chain, asset]).scaleb(-treasuries.decimals(chain, asset))
            for held in (before, spent, after)
        ]
        table.add_row(chain, asset, f"{BASE:,}", *map(_amount, whole))
    console.print(table)


def print_journeys(found: Sequence[Journey]) -> None:
    """Print each transfer with route, cost, duration and transactions."""
    table = Table(title="Transfers", title_justify="left")
    for column in ("from", "to", "via", "asset"):
        table.add_column(column)
    for column in ("sent", "received", "fee", "time"):
        table.add_column(column, justify="right")
    table.add_column("source tx")
    table.add_column("target tx")
    for each in found:
        table.add_row(
            _short(each.source),
            _short(each.destination),
            each.route,
            each.asset,
            f"{each.sent:,.2f}",
            f"{each.received:,.2f}",
            f"{each.sent - each.received:.2f}",
            f"{each.seconds:.1f} s",
            f"{each.left_in[:SHOWN_OF_HASH]}…",
            f"{each.arrived_in[:SHOWN_OF_HASH]}…",
        )
    console.print(table)


def _amount(whole: Decimal) -> Text:
    style = "bold red" if whole <= THRESHOLD else "green"
    return Text(f"{whole:,.2f}", style=style)


def _short(chain: str) -> str:
    return chain.removesuffix("-local").capitalize()
