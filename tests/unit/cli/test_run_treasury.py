"""Exit status of `ballast run --once --vault treasury`."""

from __future__ import annotations

import json

import click
import pytest
from click.testing import CliRunner

from keepers.cli.run_treasury import look_after_treasuries
from keepers.config import Settings
from keepers.runtime.treasury import single_pass
from keepers.runtime.treasury.single_pass import LookedAfter
from keepers.transfers.inventory.dependencies import Leftover

AWAY = Leftover("unknown:USDC:10", "USDC: could not look: EVM-10 cannot be read", is_unread=True)
SHORT = Leftover("uncovered:USDC:10", "USDC: EVM-10 lacks 5: nobody can give it")


@pytest.mark.parametrize(
    ("leftovers", "status"), [((), 0), ((SHORT,), 0), ((AWAY,), 1), ((SHORT, AWAY), 1)]
)
def test_exit_status__chain_could_not_be_read__is_a_failure(
    monkeypatch: pytest.MonkeyPatch, leftovers: tuple[Leftover, ...], status: int
) -> None:
    async def look_after(settings: Settings, **options: object) -> LookedAfter:
        del settings, options
        return LookedAfter((), (), leftovers)

    monkeypatch.setattr(single_pass, "look_after", look_after)

    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> None:
        settings = Settings.model_construct()
        look_after_treasuries(ctx, settings, arm=False, progress=print, metrics=None, as_json=True)

    result = CliRunner().invoke(command)
    assert result.exit_code == status
    assert json.loads(result.stdout)["left_as_it_is"] == [each.text for each in leftovers]
