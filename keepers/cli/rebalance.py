"""`ballast rebalance`: a rebalance because a person wants one, or the reverse of an earlier one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from keepers.app.rebalance import rebalance as rebalance_once
from keepers.app.rebalance import undo
from keepers.app.run_document import run_document
from keepers.app.settings import load_settings
from keepers.cli.asking import say
from keepers.cli.files import print_json
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.cli.run import GOOD, ending_of
from keepers.domain.errors import EXIT_FAILED
from keepers.domain.tier_plan import TriggerKind


@click.command()
@click.option("--arm", is_flag=True, help="Ask for approval, and send; without it only look.")
@click.option("--rollback", metavar="RUN", help="Undo what this run has done.")
@config_option
@vault_option
@json_option
@verbose_option
@click.pass_context
def rebalance(
    ctx: click.Context,
    *,
    arm: bool,
    rollback: str | None,
    config: Path | None,
    vault: str | None,
    as_json: bool,
) -> None:
    """Bring every tier to its target because a person asks for it; others have to approve.

    With --rollback the reverse of an earlier run is planned on the vault as it is now: what it
    bought is sold, and what it sold is bought back with what that brings. Confirmed transactions
    are never undone by themselves.

    Exit status: as of `ballast run`.
    """
    settings = load_settings(config)
    if rollback is None:
        work = rebalance_once(settings, vault, TriggerKind.MANUAL, arm=arm, say=say)
    else:
        work = undo(settings, vault, rollback, arm=arm, say=say)
    record = asyncio.run(work)
    good = record.status in GOOD
    if as_json:
        print_json(run_document(record))
    if not as_json or not good:
        click.echo(f"run {record.run.run_id}: {ending_of(record)}", err=not good)
    ctx.exit(0 if good else EXIT_FAILED)
