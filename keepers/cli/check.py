"""`ballast check`: check that a keeper could run."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from keepers.cli.files import print_json
from keepers.cli.options import config_option, json_option, vault_option, verbose_option
from keepers.model.errors import EXIT_FAILED
from keepers.model.json_document import Json
from keepers.reports.amounts import one_line
from keepers.runtime.preflight import preflight

if TYPE_CHECKING:
    from keepers.runtime.process.checks import Check


@click.command()
@config_option
@vault_option
@json_option
@verbose_option
@click.pass_context
def check(ctx: click.Context, config: Path | None, vault: str | None, *, as_json: bool) -> None:
    """Check configuration, key, node, contracts, prices and balances; nothing is sent.

    Exit status: 0 all checks passed, 1 a check failed. A warning concerns one holding, whose
    trades are left out of plans.
    """
    checks = asyncio.run(preflight(config, vault))
    passed = all(each.passed or each.is_warning for each in checks)
    if as_json:
        rows: list[Json] = [
            {
                "name": each.name,
                "ok": each.passed,
                "warning": each.is_warning,
                "detail": each.detail,
            }
            for each in checks
        ]
        print_json({"ok": passed, "checks": rows})
    else:
        for each in checks:
            click.echo(_line(each))
    ctx.exit(0 if passed else EXIT_FAILED)


def _line(check: Check) -> str:
    mark = "OK  " if check.passed else "WARN" if check.is_warning else "FAIL"
    return one_line(f"{mark}  {check.name}: {check.detail}")
