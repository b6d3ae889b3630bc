"""`ballast plan inventory` of real treasuries: the plan of a check, saved and planned again."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from keepers.cli.main import cli
from keepers.runtime.treasury.single_pass import treasury_pass
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.treasuries import ARBITRUM, ETHEREUM, OPTIMISM, Treasuries

SIX = 10**6
Plan = Callable[..., Result]


@pytest.fixture
def keeper(
    treasuries: Treasuries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> TreasuryKeeper:
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    made = TreasuryKeeper(treasuries, tmp_path, f"sqlite:///{tmp_path / 'ballast.sqlite'}")
    made.configure(base="20000")
    return made


@pytest.fixture
def plan(keeper: TreasuryKeeper) -> Plan:
    def run(*arguments: str) -> Result:
        config = str(keeper.folder / "ballast.toml")
        given = ["plan", "inventory", "--config", config, *arguments]
        return CliRunner(mix_stderr=False).invoke(cli, given)

    return run


def planned(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def test_plan__at_their_bases__has_nothing_to_do(plan: Plan) -> None:
    document = planned(plan("--json"))
    assert document["triggers"] == document["transfers"] == document["uncovered"] == []


def test_plan__triggered__is_what_the_keeper_does(
    treasuries: Treasuries, keeper: TreasuryKeeper, plan: Plan
) -> None:
    treasuries.funds(ARBITRUM, "USDC", 8_000 * SIX)
    treasuries.funds(OPTIMISM, "USDC", 25_000 * SIX)
    file = keeper.folder / "asked.json"
    document = planned(plan("--save", str(file), "--json"))
    (transfer,) = document["transfers"]
    assert (transfer["asset"], transfer["arrives"]) == ("USDC", "12000")
    assert (transfer["source"], transfer["destination"]) == ("EVM-1000001", "EVM-1042161")
    assert planned(plan("--input", str(file), "--json")) == document
    asyncio.run(treasury_pass(keeper.settings, arm=True, progress=print))
    (record,) = keeper.transfers()
    assert record.terms.source_chain == treasuries.chains[ETHEREUM].chain_id
    assert record.terms.route == transfer["route"]
    assert f"{record.terms.amount / SIX:g}" == transfer["amount"]
    under_way = planned(plan("--json"))
    assert under_way["triggers"] == []


def test_plan__explained__names_ways_that_are_closed(treasuries: Treasuries, plan: Plan) -> None:
    treasuries.funds(ARBITRUM, "USDT", 8_000 * SIX)
    treasuries.bridges.exchange.networks["USDT"]["ARBITRUM"]["withdrawEnable"] = False
    try:
        result = plan("--explain")
    finally:
        treasuries.bridges.exchange.networks["USDT"]["ARBITRUM"]["withdrawEnable"] = True
    assert result.exit_code == 0
    assert "EVM-1042161" in result.stdout
    assert "Not available: EXCHANGE from EVM-" in result.stderr
    assert "withdrawals are suspended" in result.stderr


def test_plan__chain_down__plans_the_others_and_says_so(keeper: TreasuryKeeper, plan: Plan) -> None:
    file = keeper.folder / "ballast.toml"
    url = keeper.treasuries.chains[ARBITRUM].url
    file.write_text(file.read_text().replace(url, "http://127.0.0.1:1"))
    result = plan("--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["uncovered"] == []
    assert "Left out USDC: EVM-1042161 cannot be read" in result.stderr
