"""Keeper as an operator runs it: a folder with ballast.toml, and the real command."""

from __future__ import annotations

import json
import signal
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from keepers.model.run import RunRecord, StepAttempt
from keepers.store.runs import RunRepository, open_runs
from tests.integration.support.deploy import KEEPER_ACCOUNT, DeployedVault
from tests.integration.support.processes import Child, crash_at, python, running

VAULT = "main"
RUN_SECONDS = 120
GENEROUS = 'REBALANCE_APPROVAL_THRESHOLD = "1000000", REBALANCE_MULTISIG_THRESHOLD = "2000000"'
TEMPLATE = """
[chains.local]
chain_id = {chain_id}
rpc_urls = ["{url}"]
confirmations = {confirmations}
trust_finality_tags = false
finality_blocks = 1
poll_interval_seconds = "0.02"
confirmation_timeout_seconds = {timeout}
deployments = "{deployments}"

[vaults.main]
chain = "local"
signer = "keeper"
tiers = {{ REBALANCE_MIN_AMOUNT = "{minimum}", {tiers} }}

[signers.keeper]
kind = "private_key_env"
variable = "TEST_KEEPER_KEY"
"""


@dataclass(frozen=True)
class Done:
    """Result of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The printed JSON object."""
        return json.loads(self.out)


@dataclass
class Keeper:
    """Keeper of a deployed vault."""

    vault: DeployedVault
    folder: Path

    def configure(self, **changed: object) -> None:
        """Write ballast.toml, with some values changed."""
        usual: dict[str, object] = {
            "chain_id": self.vault.chain.chain_id,
            "url": self.vault.chain.url,
            "confirmations": 1,
            "timeout": 20,
            "deployments": self.vault.file,
            "minimum": 100,
            "tiers": GENEROUS,
        }
        text = TEMPLATE.format(**(usual | changed))
        (self.folder / "ballast.toml").write_text(text)

    def run(self, *arguments: str, environment: Mapping[str, str] | None = None) -> Done:
        """Run `ballast` in the folder."""
        with self.start(*arguments, environment=environment) as process:
            status = process.wait(RUN_SECONDS)
        return Done(status, process.out, process.err)

    def start(
        self, *arguments: str, environment: Mapping[str, str] | None = None
    ) -> AbstractContextManager[Child]:
        """Start `ballast` in the folder; it ends with the context."""
        key = {"TEST_KEEPER_KEY": f"0x{KEEPER_ACCOUNT.key.hex()}"}
        command = python("keepers.cli", *arguments)
        return running(command, environment={**key, **(environment or {})}, folder=self.folder)

    def rebalance(self, *arguments: str) -> Done:
        """Run `ballast run --once --arm --json`."""
        return self.run("run", "--once", "--arm", "--json", *arguments)

    def killed_at(self, point: str, time: int = 1) -> None:
        """Run a rebalance in a process that is killed at a point."""
        done = self.run("run", "--once", "--arm", environment=crash_at(point, time))
        assert done.status == -signal.SIGKILL, done.out + done.err

    @property
    def journal(self) -> RunRepository:
        """Repository of the keeper's runs."""
        return open_runs(f"sqlite:///{self.folder / 'ballast.sqlite'}")

    def runs(self) -> tuple[RunRecord, ...]:
        """Return the keeper's runs, newest first."""
        return self.journal.runs(VAULT)

    def attempts(self) -> list[StepAttempt]:
        """Return every stored signed transaction of actions once, in the order of nonces."""
        found = [
            each for run in self.runs() for each in run.transactions if each not in run.openings
        ]
        return sorted(found, key=lambda each: each.nonce)
