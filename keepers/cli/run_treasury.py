"""`ballast run --once --vault treasury`: advance once what is under way."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from keepers.cli.files import print_json
from keepers.model.batch import BatchState
from keepers.model.errors import EXIT_FAILED
from keepers.model.json_document import Json
from keepers.model.ports import Progress
from keepers.reports.amounts import one_line
from keepers.reports.transfer_document import batch_brief, transfer_brief

BAD = frozenset({BatchState.REFUSED, BatchState.FAILED, BatchState.PARTIAL})

if TYPE_CHECKING:
    from keepers.config import Settings
    from keepers.telemetry.metrics import Metrics


def look_after_treasuries(
    ctx: click.Context,
    settings: Settings,
    *,
    arm: bool,
    progress: Progress,
    metrics: Metrics | None,
    as_json: bool,
) -> None:
    """Look after the treasuries once, and say what is left under way.

    A stuck transfer, a refused batch and a chain that could not be read are failures.
    """
    from keepers.runtime.treasury.single_pass import look_after  # noqa: PLC0415 - bridges and nodes

    done = asyncio.run(look_after(settings, arm=arm, progress=progress, metrics=metrics))
    stuck = [each for each in done.under_way if each.trouble is not None]
    refused = [each for each in done.batches if each.state in BAD]
    if as_json:
        batches = list[Json]([batch_brief(each) for each in done.batches])
        left = list[Json]([transfer_brief(each) for each in done.under_way])
        undone = list[Json]([each.text for each in done.leftovers])
        print_json({"batches": batches, "under_way": left, "left_as_it_is": undone})
    else:
        for each in done.batches:
            why = f": {each.reason}" if each.reason else ""
            state = each.state.lower().replace("_", " ")
            click.echo(one_line(f"batch {each.batch_id}: {state}{why}"))
        for each in done.leftovers:
            click.echo(one_line(f"Left as it is: {each.text}"))
        click.echo(f"{len(done.under_way)} transfer(s) under way, {len(stuck)} of them stuck")
    unread = any(each.is_unread for each in done.leftovers)
    ctx.exit(EXIT_FAILED if stuck or refused or unread else 0)
