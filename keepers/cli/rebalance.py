"""`ballast rebalance`: a rebalance because a person wants one, or the reverse of an earlier one."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from keepers.cli.options import config_option, json_option, progress, vault_option, verbose_option
from keepers.cli.run import end_with
from keepers.config import load_settings
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import TriggerKind
from keepers.runtime.vault.runs import rebalance as rebalance_once
from keepers.runtime.vault.runs import run_summary, undo, weigh

PORTFOLIOS = (Tier.L2, Tier.L3)


@click.command()
@click.option("--arm", is_flag=True, help="Ask for approval, and send; without it only look.")
@click.option("--rollback", metavar="RUN", help="Undo what this run has done.")
@click.option(
    "--weights",
    type=click.Choice([each.name for each in PORTFOLIOS]),
    help="Bring the assets of this tier to their target weights.",
)
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
    weights: str | None,
    config: Path | None,
    vault: str | None,
    as_json: bool,
) -> None:
    """Bring every tier to its target because a person asks for it; others have to approve.

    With --rollback the reverse of an earlier run is planned on the vault as it is now: what it
    bought is sold, and what it sold is bought back with what that brings. Confirmed transactions
    are never undone by themselves.

    With --weights the tiers stay as they are: assets of one tier are sold and bought until their
    weights are the targets, in one transaction, within the keeper's own limit and without approval.

    Exit status: as of `ballast run`.
    """
    if rollback is not None and weights is not None:
        raise click.UsageError("--rollback and --weights are two different runs; name one")
    settings = load_settings(config)
    if weights is not None:
        work = weigh(settings, vault, Tier[weights], arm=arm, progress=progress)
    elif rollback is None:
        work = rebalance_once(settings, vault, TriggerKind.MANUAL, arm=arm, progress=progress)
    else:
        work = undo(settings, vault, rollback, arm=arm, progress=progress)
    end_with(ctx, run_summary(asyncio.run(work)), as_json=as_json)
