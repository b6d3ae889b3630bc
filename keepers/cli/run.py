"""`ballast run`: plan, check, simulate and, if armed, rebalance; once, or again and again."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path

import click
import structlog

from keepers.cli.files import print_json
from keepers.cli.lazy import VERBOSE
from keepers.cli.options import config_option, json_option, progress, vault_option, verbose_option
from keepers.cli.run_treasury import look_after_treasuries
from keepers.config import Settings, load_settings
from keepers.model.errors import EXIT_FAILED
from keepers.model.run import RunRecord, RunStatus
from keepers.model.tier_plan import AUTO, TriggerChoice, TriggerKind
from keepers.reports.amounts import one_line
from keepers.reports.run_document import run_document
from keepers.runtime.keys import treasuries_meant
from keepers.runtime.process.logs import LogFormat, configure_logs
from keepers.runtime.process.telemetry import metrics_file
from keepers.runtime.vault.rebalance import rebalance

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()

TRIGGERS: dict[str, TriggerChoice] = {
    "auto": AUTO,
    "scheduled": TriggerKind.SCHEDULED,
    "manual": TriggerKind.MANUAL,
}
GOOD = frozenset({RunStatus.DONE, RunStatus.NOTHING_TO_DO, RunStatus.DRY_RUN, RunStatus.OPEN})
"""A run that is open when it is answered waits for approval, as it should."""


@click.command()
@click.option("--once", is_flag=True, help="Run once and end; without it keep all vaults.")
@click.option(
    "--trigger",
    type=click.Choice(list(TRIGGERS)),
    help="What to judge; needs --once.  [default: auto]",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    help="Where /metrics, /healthz and /readyz are, if not where the settings say.",
)
@click.option("--arm", is_flag=True, help="Send transactions; without it nothing is sent.")
@click.option(
    "--metrics-file",
    "metrics_path",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write metrics there, for node_exporter's textfile collector; needs --once.",
)
@click.option(
    "--log-format",
    type=click.Choice([each.value for each in LogFormat]),
    default=LogFormat.TEXT.value,
    show_default=True,
    help="How lines on standard error look; JSON lines tell of everything that happens.",
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
    """Bring vaults' tiers back to their targets, as far as a trigger asks for it.

    With --once one vault is looked at once, or the treasuries with --vault treasury: their balances
    are looked at, and transfers brought on until bridges have them. Without it all vaults and the
    treasuries, or what --vault names, are kept until SIGTERM or Ctrl-C: checks are made when the
    settings say, and a second signal ends the process at once.

    Exit status: 0 done, nothing to do, waiting for approval, a dry run, or stopped; 1 failed,
    refused or done in part; 2 unusable input or configuration.
    """
    form, verbose = LogFormat(log_format), bool(ctx.meta.get(VERBOSE))
    if not once:
        _refuse_of_once({"--trigger": trigger, "--metrics-file": metrics_path, "--json": as_json})
        configure_logs(verbose=verbose, form=form, steady=True)
        _keep(load_settings(config), vault, listen, arm=arm)
        return
    if listen is not None:
        raise click.UsageError("--listen is for a keeper that goes on; leave out --once")
    settings = load_settings(config)
    configure_logs(verbose=verbose, form=form)
    lines = progress if form is LogFormat.TEXT else _log_progress
    if treasuries_meant(settings, vault):
        _refuse_of_vaults({"--trigger": trigger})
        with metrics_file(metrics_path) as metrics:
            look_after_treasuries(
                ctx, settings, arm=arm, progress=lines, metrics=metrics, as_json=as_json
            )
        return
    with metrics_file(metrics_path) as metrics:
        record = asyncio.run(
            rebalance(
                settings,
                vault,
                TRIGGERS[trigger or "auto"],
                arm=arm,
                progress=lines,
                metrics=metrics,
            )
        )
    end_with(ctx, record, as_json=as_json)


def end_with(ctx: click.Context, record: RunRecord, *, as_json: bool) -> None:
    """Say how a run ended, and end the command so."""
    good = record.status in GOOD
    if as_json:
        print_json(run_document(record))
    if not as_json or not good:
        click.echo(f"run {record.run.run_id}: {_ending(record)}", err=not good)
    ctx.exit(0 if good else EXIT_FAILED)


def _refuse_of_once(given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise click.UsageError(f"{option} needs --once")


def _refuse_of_vaults(given: Mapping[str, object]) -> None:
    for option, value in given.items():
        if value:
            raise click.UsageError(f"{option} is for vaults")


def _keep(settings: Settings, vault: str | None, listen: str | None, *, arm: bool) -> None:
    from keepers.runtime.service.service import (  # noqa: PLC0415
        chosen_vaults,
        serve,
        service_metrics,
    )
    from keepers.runtime.service.vault import (  # noqa: PLC0415 - for this alone
        pipeline_keepers,
        recurring_schedules,
    )

    metrics = service_metrics()
    beside = recurring_schedules(metrics, arm=arm)
    keepers = pipeline_keepers(metrics, arm=arm)
    if settings.treasury is not None:
        from keepers.runtime.service.treasury import treasury_keepers  # noqa: PLC0415

        keepers = treasury_keepers(metrics, keepers, arm=arm)
    vaults = chosen_vaults(settings, vault)
    asyncio.run(serve(settings, vaults, keepers, listen=listen, metrics=metrics, beside=beside))


def _log_progress(line: str) -> None:
    _log.info("progress", text=line)


def _ending(record: RunRecord) -> str:
    if record.status is RunStatus.OPEN:
        return f"waits for approval; `ballast approve {record.run.run_id}` shows and signs it"
    return one_line(record.ending)
