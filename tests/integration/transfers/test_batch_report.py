"""`ballast report --batch` of a rebalance between real treasuries."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.runtime.treasury.single_pass import treasury_pass
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import ARBITRUM, Treasuries

SIX = 10**6


def test_report__batch__plan_against_what_happened(
    treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    keeper = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    config = str(keeper.configure(base="20000"))
    treasuries.funds(ARBITRUM, "USDC", 8_000 * SIX)
    (batch,) = asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print)).batches

    def report(*arguments: str) -> str:
        asked = ["report", "--config", config, "--batch", batch.batch_id[:10], *arguments]
        result = CliRunner(mix_stderr=False).invoke(cli, asked)
        assert result.exit_code == 0, result.stderr
        return result.stdout

    assert "arrived not yet, at least 12000 must" in report()
    treasuries.bridges.deliver()
    asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print))
    document = json.loads(report("--json"))
    assert (document["state"], document["origin"]) == ("DONE", "RULEBOOK")
    (moved,) = document["transfers"]
    assert (moved["place"], moved["arrived"], moved["must_arrive"]) == ("DONE", "12000", "12000")
    assert (moved["fee_paid"], moved["fee_planned"]) == ("0", "0")
    assert moved["left_at"] <= moved["arrived_at"]
    assert [each["chain"] for each in moved["transactions"]] == ["EVM-1000001", "EVM-1042161"]
    assert all(each["succeeded"] for each in moved["transactions"])
    there, here = (
        next(each for each in document["verification"] if each["role"] == role)
        for role in ("destination", "source")
    )
    assert (there["before"], there["after"], there["at_base"]) == ("8000", "20000", True)
    assert (here["after"], here["at_base"]) == ("988000", True)
    text = report()
    assert "destination EVM-1042161, USDC: from 8000 to 20000, base 20000: at its base" in text


def test_report__batch_that_is_not_there__says_so(treasuries: Treasuries, tmp_path: Path) -> None:
    keeper = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    config = str(keeper.configure())
    result = CliRunner(mix_stderr=False).invoke(
        cli, ["report", "--config", config, "--batch", "abc"]
    )
    assert (result.exit_code, result.stdout) == (2, "")
    assert "there is no batch 'abc'" in result.stderr
