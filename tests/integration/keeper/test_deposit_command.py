"""O23: `scripts.network deposit --config` deposits into the vault of the given deployments file."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from scripts.network import play
from scripts.network.chain import LocalChain
from tests.integration.support.deploy import USDT, DeployedVault


@pytest.fixture(autouse=True)
def attached(vault: DeployedVault, monkeypatch: pytest.MonkeyPatch) -> None:
    """Replace the running network by this test's."""

    def attach(file: Path, name: str) -> LocalChain:
        del file, name
        return vault.chain

    monkeypatch.setattr(play, "attach", attach)


def test_deposit__vault_of_ones_own__gets_it_in_its_own_token(vault: DeployedVault) -> None:
    before = vault.deployment.read("LiquidityVault", "totalAssets")
    arguments = ["--config", str(vault.file.with_suffix(".toml")), "1000"]
    done = CliRunner().invoke(play.deposit, arguments)
    assert done.exit_code == 0, done.output
    address = vault.deployment.contract("LiquidityVault").address
    assert done.output == f"deposited 1000 USDT into {address}\n"
    assert vault.deployment.read("LiquidityVault", "totalAssets") == before + 1_000 * USDT


def test_deposit__nothing_is_deployed_by_that_file__says_what_to_run(tmp_path: Path) -> None:
    done = CliRunner().invoke(play.deposit, ["--config", str(tmp_path / "own.toml"), "1000"])
    assert done.exit_code == 1
    assert f"{tmp_path / 'own.json'} does not exist: run `ape run deploy` first" in done.output
