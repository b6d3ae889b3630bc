"""`ballast run`: plan, check, simulate and, if armed, rebalance."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

import click

from keepers.app.rebalance import rebalance
from keepers.app.run_document import run_document
from keepers.app.settings import load_settings
from keepers.cli.files import print_json
from keepers.cli.lazy import one_line
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.domain.errors import EXIT_FAILED
from keepers.domain.run import RunRecord, RunStatus
from keepers.domain.tier_plan import AUTO, TriggerChoice, TriggerKind

TRIGGERS: dict[str, TriggerChoice] = {
    "auto": AUTO,
    "scheduled": TriggerKind.SCHEDULED,
    "manual": TriggerKind.MANUAL,
}
GOOD = frozenset({RunStatus.DONE, RunStatus.NOTHING_TO_DO, RunStatus.DRY_RUN})


@click.command()
@click.option("--once", is_flag=True, help="Run once and end.")
@click.option("--trigger", type=click.Choice(list(TRIGGERS)), default="auto", show_default=True)
@click.option("--arm", is_flag=True, help="Send transactions; without it nothing is sent.")
@config_option
@vault_option
@json_option
@verbose_option
@click.pass_context
def run(
    ctx: click.Context,
    config: Path | None,
    vault: str | None,
    trigger: str,
    *,
    once: bool,
    arm: bool,
    as_json: bool,
) -> None:
    """Bring a vault's tiers back to their targets, as far as a trigger asks for it.

    Exit status: 0 done, nothing to do or a dry run; 1 failed, refused or done in part; 2 unusable
    input or configuration.
    """
    if not once:
        raise click.UsageError("only --once in this version; start it from cron or a timer")
    settings = load_settings(config)
    record = asyncio.run(rebalance(settings, vault, TRIGGERS[trigger], arm=arm, say=_say))
    good = record.status in GOOD
    if as_json:
        print_json(run_document(record))
    if not as_json or not good:
        click.echo(f"run {record.run.run_id}: {_ending(record)}", err=not good)
    ctx.exit(0 if good else EXIT_FAILED)


def _say(line: str) -> None:
    # Nobody may be listening any more, as behind `| head`; a run must not stop half-way for that.
    with suppress(OSError):
        click.echo(one_line(line), err=True)


def _ending(record: RunRecord) -> str:
    words = record.status.lower().replace("_", " ")
    return one_line(f"{words}: {record.reason}" if record.reason else words)
