"""`ballast plan inventory`: the fewest transfers, from a file or from all treasuries."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import click

from keepers.cli.files import print_json, read_input, write_text
from keepers.cli.options import config_option
from keepers.cli.plan import input_option, json_option
from keepers.model.errors import EXIT_FAILED
from keepers.model.inventory import InventoryRequest
from keepers.model.json_document import readable_json
from keepers.planning.files.inventory import (
    answer_inventory_plan,
    decode_inventory_request,
    encode_inventory_request,
)
from keepers.planning.inventory.explain import explain
from keepers.planning.inventory.plan import plan_inventory
from keepers.planning.inventory.request import InventoryQuestion
from keepers.reports.amounts import one_line
from keepers.reports.plan_text import print_inventory


@click.command()
@input_option
@config_option
@json_option
@click.option(
    "--explain",
    "as_text",
    is_flag=True,
    help="Explain the plan in words; with --json on standard error.",
)
@click.option(
    "--save",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the planning request to this file, for --input.",
)
@click.pass_context
def inventory(
    ctx: click.Context,
    source: str | None,
    config: Path | None,
    save: Path | None,
    *,
    as_json: bool,
    as_text: bool,
) -> None:
    """Plan the fewest transfers between chains that bring stablecoins back to their bases.

    Without --input, the balances of all configured treasuries are read and bridges are asked for
    quotes, as a keeper's check does; nothing is sent.

    Exit status: 0 planned, 1 a chain or bridge could not be read, 2 unusable input, 3 planned with
    a shortfall.
    """
    question = _question(source, config)
    request = question.request
    plan = plan_inventory(request)
    answer = answer_inventory_plan(request, plan)
    if save is not None:
        _save(save, request)
    if as_json:
        print_json(answer.document)
    if as_text:
        text = f"{explain(request, plan)}\nPlan {answer.document['plan_id']}"
        click.echo(text.encode("utf-8"), err=as_json)
    if not as_json and not as_text:
        print_inventory(answer.document)
    _print_omissions(question, closed=as_text)
    ctx.exit(EXIT_FAILED if question.unreadable else answer.exit_status)


def _question(source: str | None, config: Path | None) -> InventoryQuestion:
    """Return the planning request of a file, or of the treasuries."""
    if source is not None:
        return InventoryQuestion(decode_inventory_request(read_input(source)))
    planning = import_module("keepers.runtime.treasury.plan")  # bridges, nodes, the database
    return planning.question_from_chains(config)


def _print_omissions(question: InventoryQuestion, *, closed: bool) -> None:
    """Print on standard error what the plan leaves out."""
    for asset, reasons in question.unreadable.items():
        for reason in reasons:
            click.echo(one_line(f"Left out {asset}: {reason}"), err=True)
    for each in question.closed if closed else ():
        click.echo(one_line(f"Not available: {each}"), err=True)


def _save(file: Path, request: InventoryRequest) -> None:
    text = readable_json(encode_inventory_request(request))
    write_text("--save", file, f"{text}\n")
