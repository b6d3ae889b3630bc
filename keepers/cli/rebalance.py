"""`ballast rebalance`: a rebalance because a person wants one, or the reverse of an earlier one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from keepers.app.rebalance import rebalance as rebalance_once
from keepers.app.rebalance import undo
from keepers.app.settings import load_settings
from keepers.cli.asking import say
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.cli.run import end_with
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
    end_with(ctx, asyncio.run(work), as_json=as_json)
