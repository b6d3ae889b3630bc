"""`ballast instructions`: what was instructed, and how far it is."""

from __future__ import annotations

from pathlib import Path

import click

from keepers.cli.files import print_json
from keepers.cli.options import config_option, json_option
from keepers.cli.txs import ListByDefault
from keepers.config import load_settings
from keepers.model.json_document import Json
from keepers.reports.instructions import (
    instruction_brief,
    render_instruction,
    render_instructions,
)
from keepers.reports.terminal import terminal_width
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.instructions import intake_of
from keepers.runtime.treasury.setup import labels_of
from keepers.store.instructions import InstructionRepository


@click.group(cls=ListByDefault)
def instructions() -> None:
    """List instructions, and show how far one is; `ballast instruct` gives one."""


@instructions.command("list", short_help="List instructions; the default.")
@config_option
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="So many.")
@json_option
def list_(*, config: Path | None, limit: int, as_json: bool) -> None:
    """List instructions, newest first, with how each stands and why."""
    with opened(load_settings(config)) as ledger:
        found = InstructionRepository(ledger).newest(limit)
    if as_json:
        print_json({"instructions": list[Json]([instruction_brief(each) for each in found])})
    else:
        click.echo(render_instructions(found, terminal_width()), nl=False)


@instructions.command(short_help="Show one with all its movements as one thing.")
@click.argument("key", metavar="KEY")
@config_option
@json_option
def show(config: Path | None, key: str, *, as_json: bool) -> None:
    """Show how far an instruction is: its batch, transfers and placements as one thing."""
    settings = load_settings(config)
    with opened(settings) as ledger:
        intake = intake_of(settings, ledger)
        if as_json:
            print_json(intake.document(key))
            return
        standing, now = intake.store.standing(key), intake.store.now()
    told = render_instruction(
        standing, intake.progress(standing), labels_of(settings), now, terminal_width()
    )
    click.echo(told, nl=False)
