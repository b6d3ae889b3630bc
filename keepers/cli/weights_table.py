"""`ballast plan weights`, and its plan as people read it."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from keepers.cli.files import print_json
from keepers.cli.plan import input_option, json_option, plan_from
from keepers.model.json_document import Json

PLANNER = "keepers.planning.files.weights:plan_weights_file"


@click.command()
@input_option
@json_option
@click.pass_context
def weights(ctx: click.Context, source: str | None, *, as_json: bool) -> None:
    """Plan what a portfolio sells and buys to come back to its target weights.

    Exit status: 0 planned, whether or not the contract would accept it, 2 unusable input.
    """
    answer = plan_from("weights", source, PLANNER)
    if as_json:
        print_json(answer.document)
    else:
        print_weights(answer.document)
    ctx.exit(answer.exit_status)


def print_weights(document: dict[str, Json]) -> None:
    """Print the document of a plan for weights as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    trades = _trades(plan["phases"])
    console.print(trades if trades.row_count else Text("Nothing to trade."))
    console.print(_weights(plan))
    lost, total = plan["value_loss_bps"], plan["after"]["total_value"]
    console.print(Text(f"Total value {total} afterwards, {lost} basis points lost."))
    because = plan["rejected_because"]
    console.print(Text("Accepted." if plan["accepted"] else f"Rejected: {because}."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _trades(phases: dict[str, Any]) -> Table:
    table = Table("trade", "asset", "quantity", "value")
    for sale in phases["sell"]:
        table.add_row("sell", Text(sale["symbol"]), sale["quantity"], sale["proceeds"])
    for purchase in phases["buy"]:
        table.add_row("buy", Text(purchase["symbol"]), purchase["quantity"], purchase["spent"])
    return table


def _weights(plan: dict[str, Any]) -> Table:
    before, after = plan["before"], plan["after"]
    table = Table("weight", "before", "after")
    for symbol, weight in before["weights"].items():
        table.add_row(Text(symbol), weight, after["weights"][symbol])
    table.add_row("settlement token", before["settlement_weight"], after["settlement_weight"])
    table.add_row("deviation", before["deviation"], after["deviation"])
    return table
