"""`ballast plan inventory`, and its plan as people read it."""

from typing import Any

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from keepers.cli.files import print_json, read_input
from keepers.cli.plan import json_option
from keepers.planning.files.canonical import Json
from keepers.planning.files.inventory import answer_inventory_plan
from keepers.planning.files.inventory_input import decode_inventory_request
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.plan import plan_inventory


@click.command()
@click.option(
    "--input",
    "source",
    metavar="FILE",
    required=True,
    help="Plan what this file asks; - is standard input.",
)
@json_option
@click.option(
    "--explain",
    "as_text",
    is_flag=True,
    help="Say in words why; with --json on standard error.",
)
@click.pass_context
def inventory(ctx: click.Context, source: str, *, as_json: bool, as_text: bool) -> None:
    """Plan the fewest transfers between chains that bring stablecoins back to their bases.

    Exit status: 0 planned, 2 unusable input, 3 planned but not everything is covered.
    """
    request = decode_inventory_request(read_input(source))
    plan = plan_inventory(request)
    answer = answer_inventory_plan(request, plan)
    if as_json:
        print_json(answer.document)
    if as_text:
        text = f"{explain(request, plan)}\nPlan {answer.document['plan_id']}"
        click.echo(text.encode("utf-8"), err=as_json)
    if not as_json and not as_text:
        print_inventory(answer.document)
    ctx.exit(answer.exit_status)


def print_inventory(document: dict[str, Json]) -> None:
    """Print the document of a plan for the inventory as tables on standard output."""
    plan: dict[str, Any] = document
    console = Console()
    if plan["triggers"]:
        console.print(
            _rows(plan["triggers"], ("chain", "asset", "balance", "threshold", "deficit"))
        )
    columns = ("source", "destination", "asset", "route", "amount", "arrives")
    nothing = Text("No transfers.")
    console.print(_rows(plan["transfers"], columns) if plan["transfers"] else nothing)
    if plan["uncovered"]:
        console.print(_rows(plan["uncovered"], ("chain", "asset", "deficit", "available", "error")))
    count, bound, greedy = plan["transfer_count"], plan["lower_bound"], plan["greedy_count"]
    proven = "optimal" if plan["optimal"] else f"at least {bound} are needed"
    compared = "cannot cover this" if greedy is None else f"takes {greedy}"
    console.print(Text(f"Transfers: {count}, {proven}; the greedy rule {compared}."))
    console.print(Text(f"Plan {plan['plan_id']}"), soft_wrap=True)


def _rows(rows: list[dict[str, Any]], columns: tuple[str, ...]) -> Table:
    table = Table(*columns)
    for row in rows:
        table.add_row(*(Text(row[column]) for column in columns))
    return table
