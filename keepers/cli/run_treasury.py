"""`ballast run --once --vault treasury`: what is under way, brought on once."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from keepers.adapters.report.transfers.document import brief
from keepers.cli.files import print_json
from keepers.domain.errors import EXIT_FAILED
from keepers.engine.ports import Progress
from keepers.planning.files.canonical import Json

if TYPE_CHECKING:
    from keepers.adapters.telemetry.metrics import Metrics
    from keepers.app.settings import Settings


def look_after_treasuries(
    ctx: click.Context,
    settings: Settings,
    *,
    arm: bool,
    say: Progress,
    metrics: Metrics | None,
    as_json: bool,
) -> None:
    """Look after the treasuries once, and say what is left under way; stuck ones are a failure."""
    from keepers.app.treasury.once import bring_on  # noqa: PLC0415 - bridges and nodes

    left = asyncio.run(bring_on(settings, arm=arm, say=say, metrics=metrics))
    stuck = [each for each in left if each.trouble is not None]
    if as_json:
        print_json({"under_way": list[Json]([brief(each) for each in left])})
    else:
        click.echo(f"{len(left)} transfer(s) under way, {len(stuck)} of them stuck")
    ctx.exit(EXIT_FAILED if stuck else 0)
