"""`ballast instruct`: preview or submit an instruction."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from pathlib import Path

import click

from keepers.cli.files import print_json, read_input
from keepers.cli.options import config_option, json_option, progress, verbose_option
from keepers.cli.txs import ListByDefault
from keepers.config import Settings, load_settings
from keepers.model.batch import InstructionState
from keepers.model.errors import EXIT_FAILED, InputError
from keepers.model.json_document import Json
from keepers.planning.files.document import WHOLE_INPUT
from keepers.reports.amounts import one_line
from keepers.reports.instructions import (
    instruction_brief,
    progress_line,
    render_instruction,
    render_instructions,
)
from keepers.reports.terminal import terminal_width
from keepers.runtime.process.database import opened
from keepers.runtime.treasury.instructions import UNENDED, InstructionIntake, intake_of
from keepers.runtime.treasury.setup import labels_of
from keepers.store.transfers import InstructionRepository, Submission
from keepers.transfers.inventory.instructions import WOULD_WAIT

LONGEST_INSTRUCTION = 1 << 20
"""Bytes."""


@click.command()
@click.argument("file", metavar="FILE")
@click.option("--key", metavar="TEXT", help="Idempotency key.  [default: hash of the instruction]")
@click.option(
    "--arm", is_flag=True, help="Submit the instruction; without this option it is only previewed."
)
@click.option("--dry-run", is_flag=True, help="Preview only, even if the settings are armed.")
@click.option("--wait", is_flag=True, help="Wait until the instruction has ended.")
@config_option
@json_option
@verbose_option
@click.pass_context
def instruct(
    ctx: click.Context,
    *,
    config: Path | None,
    file: str,
    key: str | None,
    arm: bool,
    dry_run: bool,
    wait: bool,
    as_json: bool,
) -> None:
    """Move funds between chains and venues as FILE instructs; `-` is standard input.

    Without --arm, the transfers that would be made now are shown. With --arm, the instruction is
    stored under its key and an armed keeper executes it. Submitting the same instruction again
    has no effect. With --wait, the command follows it to its end, and executes it itself if no
    keeper is running.

    Exit status: 0 stored, completed or executable; 1 refused, failed or partly completed;
    2 unusable input.
    """
    if arm and dry_run:
        raise click.UsageError("--arm and --dry-run exclude each other")
    settings, text = load_settings(config), _text(file)
    if not (arm or settings.armed) or dry_run:
        if wait or key is not None:
            raise click.UsageError("--wait and --key go with --arm")
        ctx.exit(_explain(settings, text, as_json=as_json))
    with opened(settings) as database:
        intake = intake_of(settings, database)
        kept = intake.submit(text, key, getpass.getuser())
        name = kept.record.client_key
        if not as_json:
            click.echo(one_line(_kept(kept)))
        if wait:
            from keepers.runtime.treasury.single_pass import bring_to_end  # noqa: PLC0415 - bridges

            asyncio.run(bring_to_end(settings, _progress_printer(intake, name), progress))
        state = intake.store.standing(name).record.state
        if as_json:
            print_json(intake.document(name))
        elif wait:
            click.echo(one_line(_line(intake, name)))
    ctx.exit(0 if state in UNENDED or state is InstructionState.DONE else EXIT_FAILED)


def _text(file: str) -> str:
    data = read_input(file)
    if len(data) > LONGEST_INSTRUCTION:
        raise InputError(WHOLE_INPUT, f"is larger than {LONGEST_INSTRUCTION} bytes")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise InputError(WHOLE_INPUT, "is not UTF-8") from None


def _explain(settings: Settings, text: str, *, as_json: bool) -> int:
    """Print the transfers that would be made, and return the exit status."""
    from keepers.runtime.treasury.single_pass import explain  # noqa: PLC0415 - bridges and nodes

    found = asyncio.run(explain(settings, text))
    is_refused = found["state"] == InstructionState.REFUSED
    if as_json:
        print_json(found)
    else:
        for line in _lines(found):
            click.echo(line)
    return EXIT_FAILED if is_refused else 0


def _lines(found: dict[str, Json]) -> list[str]:
    if found["state"] == InstructionState.REFUSED:
        reasons = found["reasons"]
        assert isinstance(reasons, list)  # noqa: S101 - it is made so
        return ["It would be rejected:", *(one_line(f"  {each}") for each in reasons)]
    if found["state"] == WOULD_WAIT:
        reasons = found["reasons"]
        assert isinstance(reasons, list)  # noqa: S101
        return ["It would wait and be retried:", *(one_line(f"  {each}") for each in reasons)]
    if found["state"] == InstructionState.DONE:
        return ["Nothing to do: all amounts are already in place."]
    lines, approvals = found["lines"], found["approvals"]
    assert isinstance(lines, list)  # noqa: S101
    assert isinstance(approvals, dict)  # noqa: S101
    asked = [f"It needs {number} approval(s) on {chain}." for chain, number in approvals.items()]
    return [
        str(found["plan"]),
        "",
        *(one_line(str(each)) for each in lines),
        *asked,
        f"Total sent {found['sent']}; fees at most {found['fees_at_most']}.",
        "Nothing was stored or sent; --arm submits the instruction.",
    ]


def _kept(kept: Submission) -> str:
    name, state = kept.record.client_key, kept.record.state.lower()
    if kept.is_new:
        return f"instruction {name}: stored; an armed keeper executes it"
    reason = f": {kept.record.reason}" if kept.record.reason else ""
    again = "" if kept.record.state in UNENDED else "; use another --key to execute it again"
    return f"instruction {name}: was submitted before; it is {state}{reason}{again}"


def _line(intake: InstructionIntake, key: str) -> str:
    standing = intake.store.standing(key)
    return progress_line(standing, intake.progress(standing))


def _progress_printer(intake: InstructionIntake, key: str) -> Callable[[], bool]:
    """Prints progress when it changes, and returns whether the instruction has ended."""
    told: list[str] = []

    def has_ended() -> bool:
        line = _line(intake, key)
        if line not in told[-1:]:
            told.append(line)
            progress(line)
        return intake.store.standing(key).record.state not in UNENDED

    return has_ended


@click.group(cls=ListByDefault)
def instructions() -> None:
    """List instructions and their progress; `ballast instruct` submits one."""


@instructions.command("list", short_help="List instructions; the default.")
@config_option
@click.option(
    "--limit",
    type=click.IntRange(min=1),
    default=50,
    show_default=True,
    help="Maximum number of rows.",
)
@json_option
def list_(*, config: Path | None, limit: int, as_json: bool) -> None:
    """List instructions, newest first, with their state and its reason."""
    with opened(load_settings(config)) as database:
        found = InstructionRepository(database).newest(limit)
    if as_json:
        print_json({"instructions": list[Json]([instruction_brief(each) for each in found])})
    else:
        click.echo(render_instructions(found, terminal_width()), nl=False)


@instructions.command(short_help="Show the progress of one instruction.")
@click.argument("key", metavar="KEY")
@config_option
@json_option
def show(config: Path | None, key: str, *, as_json: bool) -> None:
    """Show the progress of an instruction, over its batch, transfers and placements."""
    settings = load_settings(config)
    with opened(settings) as database:
        intake = intake_of(settings, database)
        if as_json:
            print_json(intake.document(key))
            return
        standing, now = intake.store.standing(key), intake.store.now()
    told = render_instruction(
        standing, intake.progress(standing), labels_of(settings), now, terminal_width()
    )
    click.echo(told, nl=False)
