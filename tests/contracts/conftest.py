"""Local chain with Ballast deployed by the ape scripts, for the whole session."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.record import Record
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import write_local_config
from scripts.network import start_network
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from tests.support.copies import original

ROOT = Path(__file__).resolve().parents[2]


def ape(*arguments: str, answers: str = "", **environment: str) -> CompletedProcess[str]:
    """Run ape's command line as a process; `answers` are its standard input."""
    command = ["tests.support.ape_command", *arguments]
    given = {**os.environ, **environment}
    process = original("ape").copy(command, folder=ROOT, environment=given, listens=True)
    return process.finish(answers)


@dataclass(frozen=True)
class Scripts:
    """The ape scripts, run as processes against one local chain."""

    chain: LocalChain
    config: Path

    def run(self, script: str, *arguments: str) -> CompletedProcess[str]:
        """Run `ape run SCRIPT`; sending scripts get the whale's account."""
        network = f"ethereum:{self.chain.name}:{self.chain.url}"
        account = () if script.endswith("verify") else ("--account", "TEST::0", "--yes")
        options = ("--network", network, "--config", str(self.config))
        return ape("run", *script.split(), *options, *account, *arguments)

    def deployment(self) -> ManagedVault:
        """Return the same deployment without ape, for quick reads and for tampering."""
        config = VaultConfig.load(self.config)
        record = Record.load(self.config.with_suffix(".json"), config)
        return ManagedVault(unlocked_chain(self.chain.web3, WHALE), config, record)


@pytest.fixture(scope="session")
def local_chain() -> Iterator[LocalChain]:
    with start_network(("ethereum-local",)) as network:
        yield network.chains["ethereum-local"]


@pytest.fixture(scope="session")
def deployed(local_chain: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Scripts:
    """Scripts whose vault is deployed and configured once."""
    config = tmp_path_factory.mktemp("deployments") / "ethereum-local.toml"
    write_local_config(local_chain, config)
    scripts = Scripts(local_chain, config)
    for script in ("deploy", "configure"):
        done = scripts.run(script)
        assert done.returncode == 0, done.stdout + done.stderr
    return scripts


@pytest.fixture
def scripts(deployed: Scripts) -> Iterator[Scripts]:
    """The deployment; chain and record are restored afterwards."""
    record = deployed.config.with_suffix(".json")
    kept, snapshot = record.read_text(), deployed.chain.snapshot()
    yield deployed
    deployed.chain.revert(snapshot)
    record.write_text(kept)
