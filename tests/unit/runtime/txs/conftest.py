"""Fixtures: the database of an in-memory engine, and the `ballast` command in its folder."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from keepers.cli.main import cli
from keepers.config.deployment import REQUIRED_CONTRACTS
from keepers.store.connection import connect
from keepers.store.database import Database
from tests.unit.transactions.conftest import clock, empty, ledger, rig
from tests.unit.transactions.paper_engine import CHAIN_ID, KEY, EngineOnPaper

__all__ = ["clock", "empty", "ledger", "rig"]

CONFIGURATION = f"""
database = "sqlite:///ledger.sqlite"

[chains.local]
chain_id = {CHAIN_ID}
rpc_urls = ["http://127.0.0.1:1"]
deployments = "deployments.json"

[vaults.main]
chain = "local"
signer = "keeper"

[signers.keeper]
kind = "private_key_env"
variable = "TEST_KEEPER_KEY"
"""
DEPLOYMENT: dict[str, Any] = {
    "network": "local",
    "chain_id": CHAIN_ID,
    "block": 0,
    "tokens": {},
    "external": {},
    "contracts": {
        name: {
            "address": f"0x{number:040x}",
            "transaction": "0x",
            "block": 0,
            "arguments": [],
            "code_hash": "0x",
        }
        for number, name in enumerate(REQUIRED_CONTRACTS, 1)
    },
}


@dataclass
class Said:
    """Result of a command."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@dataclass
class Desk:
    """Command line of an operator."""

    folder: Path

    def __call__(self, *arguments: str, answer: str | None = None) -> Said:
        runner = CliRunner(mix_stderr=False)
        done = runner.invoke(
            cli, [*arguments, "--config", str(self.folder / "ballast.toml")], input=answer
        )
        return Said(done.exit_code, done.stdout, done.stderr)


@pytest.fixture
def ballast(rig: EngineOnPaper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """`ballast` command on the database of `rig`."""
    del rig
    (tmp_path / "ballast.toml").write_text(CONFIGURATION)
    (tmp_path / "deployments.json").write_text(json.dumps(DEPLOYMENT))
    monkeypatch.setenv("TEST_KEEPER_KEY", KEY)
    monkeypatch.delitem(os.environ, "BALLAST_VAULT", raising=False)
    return Desk(tmp_path)


@pytest.fixture
def real_time(tmp_path: Path, rig: EngineOnPaper) -> Iterator[Database]:
    """The same database with a running clock."""
    del rig
    opened = Database(connect(f"sqlite:///{tmp_path / 'ledger.sqlite'}"))
    yield opened
    opened.close()
