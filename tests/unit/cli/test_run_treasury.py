"""Tests of the exit status of `ballast run --once --vault treasury`."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from keepers.cli.run import end_with
from keepers.runtime.treasury.single_pass import TreasuryPass, pass_summary
from keepers.transfers.inventory.dependencies import Leftover

AWAY = Leftover("unknown:USDC:10", "USDC: not checked: EVM-10 cannot be read", is_unread=True)
SHORT = Leftover("uncovered:USDC:10", "USDC: EVM-10 lacks 5: nobody can give it")


@pytest.mark.parametrize(
    ("leftovers", "status"), [((), 0), ((SHORT,), 0), ((AWAY,), 1), ((SHORT, AWAY), 1)]
)
def test_exit_status__chain_could_not_be_read__is_a_failure(
    leftovers: tuple[Leftover, ...], status: int
) -> None:
    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> None:
        end_with(ctx, pass_summary(TreasuryPass((), (), leftovers)), as_json=True)

    result = CliRunner().invoke(command)
    assert result.exit_code == status
    assert json.loads(result.stdout)["left_as_it_is"] == [each.text for each in leftovers]
