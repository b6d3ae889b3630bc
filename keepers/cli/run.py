"""`ballast run`: plan, check, simulate and, if armed, rebalance; once or continuously."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click
import structlog

from keepers.cli.files import print_json
from keepers.cli.lazy import VERBOSE
from keepers.cli.options import config_option, json_option, progress, vault_option, verbose_option
from keepers.config import Settings, load_settings
from keepers.model.errors import EXIT_FAILED
from keepers.model.tier_config import Tier
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.runtime.owners import chosen_owner
from keepers.runtime.process.logs import LogFormat, configure_logs
from keepers.runtime.process.owner import PassSummary
from keepers.runtime.process.telemetry import metrics_file
from keepers.runtime.vault.runs import rebalance as rebalance_once
from keepers.runtime.vault.runs import run_summary, undo, weigh

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

TRIGGERS: dict[str, TriggerChoice] = {
    "auto": AUTO,
    "scheduled": TriggerKind.SCHEDULED,
    "manual": TriggerKind.MANUAL,
}


@click.command()
@click.option("--once", is_flag=True, help="Check once and exit; without it run continuously.")
@click.option(
    "--trigger",
    type=click.Choice(list(TRIGGERS)),
    help="Trigger to evaluate; needs --once.  [default: auto]",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Address of /metrics, /healthz and /readyz; overrides the settings.",
)
@click.option("--arm", is_flag=True, help="Send transactions; without it nothing is sent.")
@click.option(
    "--metrics-file",
    "metrics_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write metrics for node_exporter's textfile collector; needs --once.",
)
@click.option(
    "--log-format",
    type=click.Choice([each.value for each in LogFormat]),
    default=LogFormat.TEXT.value,
    show_default=True,
    help="Format of the log on standard error; JSON includes every event.",
)
@config_option
@vault_option
@json_option
@verbose_option
@click.pass_context
def run(
    ctx: click.Context,
    *,
    config: Path | None,
    vault: str | None,
    trigger: str | None,
    listen: str | None,
    metrics_path: Path | None,
    log_format: str,
    once: bool,
    arm: bool,
    as_json: bool,
) -> None:
    """Rebalance vaults and treasuries when a trigger fires.

    With --once, one vault is checked once; with --vault treasury, the balances of the treasuries
    are checked and transfers advanced until their bridges have accepted them. Without --once, all
    vaults and the treasuries, or the one that --vault names, are checked on the configured schedule
    until SIGTERM or Ctrl-C. A second signal ends the process immediately.

    Exit status: 0 done, nothing to do, waiting for approval, a dry run, or stopped; 1 failed,
    refused or partly done; 2 unusable input or configuration.
    """
    form, verbose = LogFormat(log_format), bool(ctx.meta.get(VERBOSE))
    if not once:
        _refuse_of_once({"--trigger": trigger, "--metrics-file": metrics_path, "--json": as_json})
        configure_logs(verbose=verbose, form=form, steady=True)
        _keep(load_settings(config), vault, listen, arm=arm)
        return
    if listen is not None:
        raise click.UsageError("--listen is for a continuously running keeper; leave out --once")
    settings = load_settings(config)
    configure_logs(verbose=verbose, form=form)
    lines = progress if form is LogFormat.TEXT else _log_progress
    owner = chosen_owner(settings, vault)
    if trigger is not None and not owner.has_triggers:
        raise click.UsageError("--trigger is for vaults")
    chosen = TRIGGERS[trigger or "auto"]
    with metrics_file(metrics_path) as metrics:
        work = owner.run_once(chosen, arm=arm, progress=lines, metrics=metrics)
        summary = asyncio.run(work)
    end_with(ctx, summary, as_json=as_json)


def end_with(ctx: click.Context, summary: PassSummary, *, as_json: bool) -> None:
    """Print the summary of a run, and exit with its status."""
    if as_json:
        print_json(summary.document)
    for line in () if as_json else summary.lines:
        click.echo(line)
    for line in summary.errors:
        click.echo(line, err=True)
    ctx.exit(0 if summary.succeeded else EXIT_FAILED)


def _refuse_of_once(given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise click.UsageError(f"{option} needs --once")


def _keep(settings: Settings, vault: str | None, listen: str | None, *, arm: bool) -> None:
    from keepers.runtime.service.service import kept_owners, serve  # noqa: PLC0415 - for this alone

    asyncio.run(serve(settings, kept_owners(settings, vault), arm=arm, listen=listen))


def _log_progress(line: str) -> None:
    _log.info("progress", text=line)


PORTFOLIOS = (Tier.L2, Tier.L3)


@click.command()
@click.option("--arm", is_flag=True, help="Request approval and send; without it nothing is sent.")
@click.option("--rollback", metavar="RUN", help="Reverse this run.")
@click.option(
    "--weights",
    type=click.Choice([each.name for each in PORTFOLIOS]),
    help="Trade the assets of this tier to their target weights.",
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
    """Bring every tier to its target on demand; approvers must approve the plan.

    With --rollback, the reverse of an earlier run is planned on the vault as it is now: what the
    run bought is sold, and what it sold is bought back with the proceeds. Confirmed transactions
    are never rolled back automatically.

    With --weights, the tiers are unchanged: the assets of one tier are traded to their target
    weights in one transaction, within the keeper's own limit and without approval.

    Exit status: as `ballast run`.
    """
    if rollback is not None and weights is not None:
        raise click.UsageError("--rollback and --weights exclude each other")
    settings = load_settings(config)
    if weights is not None:
        work = weigh(settings, vault, Tier[weights], arm=arm, progress=progress)
    elif rollback is None:
        work = rebalance_once(settings, vault, TriggerKind.MANUAL, arm=arm, progress=progress)
    else:
        work = undo(settings, vault, rollback, arm=arm, progress=progress)
    end_with(ctx, run_summary(asyncio.run(work)), as_json=as_json)
