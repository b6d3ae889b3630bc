"""Tests of the preflight of treasuries that need no chain."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from keepers.config.model import ChainSettings
from keepers.model.chain import Head
from keepers.runtime.preflight import preflight
from keepers.runtime.treasury.checks import check_clock
from tests.unit.runtime.treasury.world import settings_in

NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)
CHAIN = ChainSettings(chain_id=1, rpc_urls=["http://a"], deployments=Path("deployments.json"))


def head(age: float) -> Head:
    return Head(7, "0x" + "01" * 32, NOW - timedelta(seconds=age), 1)


@pytest.mark.parametrize(("age", "fine"), [(-61, False), (-60, True), (600, True), (601, False)])
def test_check_clock__block__is_neither_in_the_future_nor_old(age: float, *, fine: bool) -> None:
    assert check_clock(head(age), CHAIN, NOW).passed is fine


async def test_preflight__deployments_file_gone__says_so_and_ends(tmp_path: Path) -> None:
    settings_in(tmp_path)
    (tmp_path / "deployments" / "base-local.treasury.json").unlink()
    _, configuration = await preflight(tmp_path / "ballast.toml", "treasury")
    assert (configuration.name, configuration.passed) == ("configuration", False)
    assert "does not exist" in configuration.detail


async def test_preflight__no_name__looks_at_vaults_and_treasuries(tmp_path: Path) -> None:
    vault = '[vaults.main]\nchain = "base-local"\nsigner = "vault"\n'
    signer = '[signers.vault]\nkind = "private_key_env"\nvariable = "VAULT_KEY"\n'
    settings_in(tmp_path, vault + signer)
    for file in (tmp_path / "deployments").iterdir():
        file.unlink()
    found = [(each.name, each.passed) for each in await preflight(tmp_path / "ballast.toml", None)]
    assert found == [
        ("main: configuration", False),
        ("treasury: database", True),
        ("treasury: configuration", False),
    ]
