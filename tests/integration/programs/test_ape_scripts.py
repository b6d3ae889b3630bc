"""`ape run deploy`, `configure` and `verify`, of a vault and of treasuries, as commands."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from scripts.deployment.local import offer_deployments
from scripts.deployment.treasury.local import offer_treasuries
from scripts.network import LocalNetwork, start_network

ROOT = Path(__file__).parents[3]
APE = Path(sys.executable).parent / "ape"
CHAINS = ("ethereum-local", "arbitrum-local")
LIMIT_SECONDS = 300


@pytest.fixture(scope="module")
def network() -> Generator[LocalNetwork]:
    with start_network(CHAINS) as running:
        yield running


@pytest.fixture(scope="module")
def offered(network: LocalNetwork, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with the deployments files that the local network offers."""
    folder = tmp_path_factory.mktemp("deployments")
    offer_deployments(network.chains.values(), folder)
    offer_treasuries(network.chains.values(), folder)
    return folder


def ape(*words: str, url: str, chain: str, config: Path, account: bool = True) -> str:
    """Run one of ape's scripts to its end, and return what it printed."""
    command = [str(APE), "run", *words, "--network", f"ethereum:{chain}:{url}"]
    command += ["--config", str(config)]
    if account:
        command += ["--account", "TEST::0", "--yes"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "APE_DATA_FOLDER": str(ROOT / ".cache" / "ape")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout


def test_vault__deploy_configure_verify__end_as_intended(
    network: LocalNetwork, offered: Path
) -> None:
    chain = network.chains["ethereum-local"]
    config = offered / "ethereum-local.toml"

    first = ape("deploy", url=chain.url, chain=chain.name, config=config)
    again = ape("deploy", url=chain.url, chain=chain.name, config=config)
    ape("configure", url=chain.url, chain=chain.name, config=config)
    verified = ape("verify", url=chain.url, chain=chain.name, config=config, account=False)

    assert "recorded in" in first
    assert "0 deployed" in again
    assert "as intended" in verified


def test_treasuries__deploy_configure_verify__end_as_intended(
    network: LocalNetwork, offered: Path
) -> None:
    for script in ("deploy", "configure"):
        for chain in network.chains.values():
            config = offered / f"{chain.name}.treasury.toml"
            ape("treasury", script, url=chain.url, chain=chain.name, config=config)
    for chain in network.chains.values():
        config = offered / f"{chain.name}.treasury.toml"
        verified = ape(
            "treasury", "verify", url=chain.url, chain=chain.name, config=config, account=False
        )
        assert "as intended" in verified
