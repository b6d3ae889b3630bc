"""`ballast recurring`: execute, fix and manage recurring rebalancers."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import click

from keepers.cli.files import print_json
from keepers.cli.lazy import SuggestingGroup
from keepers.cli.options import ADDRESS, config_option, json_option, progress, verbose_option
from keepers.cli.run import end_with
from keepers.config import load_settings
from keepers.model.errors import EXIT_FAILED
from keepers.model.money import format_units
from keepers.reports.recurring_status import COIN_DECIMALS, recurring_document, render_rows
from keepers.reports.run_document import run_document
from keepers.reports.terminal import terminal_width
from keepers.runs.recurring import RecurringScope
from keepers.runtime.vault import recurring_commands as work
from keepers.runtime.vault.runs import GOOD, run_summary

arm_option = click.option(
    "--arm", is_flag=True, help="Send transactions; without it nothing is sent."
)
target_argument = click.argument("target", type=ADDRESS)
rebalancer_option = click.option(
    "--rebalancer",
    type=ADDRESS,
    metavar="ADDRESS",
    help="Rebalancer contract, if it is not in the registry.",
)
PRIORITIES = {"medium": 1, "low": 2}
FUNDERS = {"ledger": 0, "external": 1}


@click.group(cls=SuggestingGroup)
def recurring() -> None:
    """Execute due rebalancers, fix stuck ones; create, configure and close them."""


@recurring.command(short_help="Show every rebalancer and whether it is stuck.")
@config_option
@click.option("--executor", type=ADDRESS, metavar="ADDRESS", help="Also show earnings.")
@json_option
@verbose_option
def status(*, config: Path | None, executor: str | None, as_json: bool) -> None:
    """Show every rebalancer: its state, its next run and the result of the last one.

    Amounts are in the native token; with --json they are in wei.
    """
    settings = load_settings(config)
    rows = asyncio.run(work.statuses(settings))
    earned = None if executor is None else asyncio.run(work.earnings(settings, executor))
    if as_json:
        print_json(recurring_document(rows, earned))
        return
    click.echo(render_rows(rows, terminal_width()), nl=False)
    if earned is not None:
        click.echo(f"{executor} has earned {format_units(earned, COIN_DECIMALS)} in native token")


@recurring.command()
@arm_option
@config_option
@json_option
@verbose_option
@click.pass_context
def execute(ctx: click.Context, *, config: Path | None, arm: bool, as_json: bool) -> None:
    """Execute due rebalancers that pay for their gas or are sponsored."""
    _tick(ctx, RecurringScope(failed=False, by_hand=True), config, arm=arm, as_json=as_json)


@recurring.command(short_help="Reschedule stuck rebalancers.")
@arm_option
@config_option
@json_option
@verbose_option
@click.pass_context
def fix(ctx: click.Context, *, config: Path | None, arm: bool, as_json: bool) -> None:
    """Scan all records, and reschedule every stuck rebalancer that can be rescheduled."""
    _tick(
        ctx, RecurringScope(due=False, sweep=True, by_hand=True), config, arm=arm, as_json=as_json
    )


@recurring.command(short_help="Create the paid rebalancer of TARGET.")
@target_argument
@arm_option
@config_option
@json_option
@verbose_option
@click.pass_context
def create(
    ctx: click.Context, *, target: str, config: Path | None, arm: bool, as_json: bool
) -> None:
    """Create the paid rebalancer of TARGET; the registry must allow this key to do so.

    Without --arm the call is shown, so that another wallet can make it. Nothing is sent and the
    exit status is 1 if this key is not allowed, or if a run needs more gas than the registry
    grants.
    """
    making = work.create(load_settings(config), target, arm=arm, progress=progress)
    _managed(ctx, making, strict=True, as_json=as_json)


@recurring.command(short_help="Close the rebalancer of TARGET.")
@target_argument
@rebalancer_option
@arm_option
@config_option
@json_option
@verbose_option
@click.pass_context
def close(
    ctx: click.Context,
    *,
    target: str,
    rebalancer: str | None,
    config: Path | None,
    arm: bool,
    as_json: bool,
) -> None:
    """Close the rebalancer of TARGET: its booking is cancelled and never renewed."""
    closing = work.close(load_settings(config), target, rebalancer, arm=arm, progress=progress)
    _managed(ctx, closing, strict=arm, as_json=as_json)


@recurring.command("config", short_help="Set interval, gas, margin and funder of TARGET.")
@target_argument
@rebalancer_option
@click.option(
    "--interval", type=click.IntRange(1, 2**32 - 1), required=True, help="Seconds between runs."
)
@click.option("--priority", type=click.Choice(list(PRIORITIES)), default="medium")
@click.option(
    "--effort", type=click.IntRange(1, 2**24 - 1), required=True, help="Gas limit of a run."
)
@click.option("--margin-bps", type=click.IntRange(10_000, 2**16 - 1), default=12_000)
@click.option("--force", is_flag=True, help="Rebalance even within the band.")
@click.option("--funder-kind", type=click.Choice(list(FUNDERS)), default="ledger")
@click.option(
    "--funder", type=ADDRESS, metavar="ADDRESS", required=True, help="Account that pays for runs."
)
@arm_option
@config_option
@json_option
@verbose_option
@click.pass_context
def config_(
    ctx: click.Context,
    *,
    target: str,
    rebalancer: str | None,
    config: Path | None,
    arm: bool,
    as_json: bool,
    **terms: Any,  # noqa: ANN401 - click's
) -> None:
    """Set how often TARGET is rebalanced and who pays; only its owner may do so."""
    wanted = (
        terms["interval"],
        PRIORITIES[terms["priority"]],
        terms["effort"],
        terms["margin_bps"],
        terms["force"],
        FUNDERS[terms["funder_kind"]],
        terms["funder"],
    )
    setting = work.configure(
        load_settings(config), target, rebalancer, wanted, arm=arm, progress=progress
    )
    _managed(ctx, setting, strict=arm, as_json=as_json)


def _tick(
    ctx: click.Context, wanted: RecurringScope, config: Path | None, *, arm: bool, as_json: bool
) -> None:
    done = asyncio.run(work.tick(load_settings(config), wanted, arm=arm, progress=progress))
    record, left = done.record, done.remedies
    if as_json:
        run: dict[str, Any] = (
            {"status": "NOTHING_TO_DO", "steps": []} if record is None else run_document(record)
        )
        print_json({**run, "stuck": list(left)})
    for line in () if as_json else left:
        click.echo(f"stuck: {line}")
    if record is not None and not as_json:
        end_with(ctx, run_summary(record), as_json=False)
    if record is None and not as_json:
        click.echo("nothing can be fixed" if left else "nothing to do")
    ctx.exit(0 if record is None or record.status in GOOD else EXIT_FAILED)


def _managed(
    ctx: click.Context, making: Coroutine[Any, Any, work.Managed], *, strict: bool, as_json: bool
) -> None:
    """Show the call and its result; with `strict` a problem fails the command."""
    done = asyncio.run(making)
    call, record = done.call, done.record
    if as_json:
        run = None if record is None else run_document(record)
        print_json({"to": call.target, "data": call.calldata, "problem": done.problem, "run": run})
    else:
        said = f"this key cannot execute it: {done.problem}" if done.problem else "it would succeed"
        said = said if record is None else f"run {record.ending}"
        click.echo(f"to    {call.target}\ndata  {call.calldata}\n{said}")
    ctx.exit(EXIT_FAILED if strict and done.problem is not None else 0)
