"""Services as processes, on databases of both kinds."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from keepers.store.connection import connect
from keepers.store.database import Database
from keepers.store.ticks import TickRepository, clock_lease
from tests.integration.support.bare import CHAIN_ID, BareChain, bare_chain
from tests.integration.support.processes import Child, python, running
from tests.support.postgres import prepared
from tests.support.sqlite import new_database

PROGRAM = "tests.integration.service.program"
ROOT = Path(__file__).parents[3]
SCHEDULES = ("liquidity", "events", "threshold", "daily")
SETTINGS = """
database = "{database}"

[chains.local]
chain_id = {chain_id}
rpc_urls = ["{node}"]
deployments = "none.json"

[vaults.main]
chain = "local"
signer = "keeper"

[vaults.other]
chain = "local"
signer = "keeper"

[signers.keeper]
kind = "private_key_env"
variable = "TEST_KEEPER_KEY"

[schedule]
threshold = "0 0 1 1 *"
liquidity = "{liquidity}"
events = "{events}"
daily = "0 0 1 1 *"

[service]
listen = "127.0.0.1:0"
look_seconds = "0.05"
retry_seconds = "{retry}"
clock_lease_seconds = {lease}
stop_seconds = {stop}
"""
NEVER = "0 0 1 1 *"
"""Once a year, so never in a test."""


@dataclass
class Service:
    """Configuration and database of a service, which starts its processes."""

    folder: Path
    database: str
    node: str

    @property
    def file(self) -> Path:
        """Path of the configuration."""
        return self.folder / "ballast.toml"

    def configure(self, **changed: object) -> None:
        """Write the configuration, with some values changed."""
        usual: dict[str, object] = {
            "liquidity": NEVER,
            "events": NEVER,
            "lease": 60,
            "stop": 60,
            "retry": "0.05",
        }
        facts = {"database": self.database, "node": self.node, "chain_id": CHAIN_ID}
        self.file.write_text(SETTINGS.format(**(usual | facts | changed)))

    def start(self, *vaults: str, **environment: str) -> AbstractContextManager[Child]:
        """Start a process that ends with the context."""
        command = python(PROGRAM, str(self.file), *(vaults or ("main",)))
        path = {"PYTHONPATH": str(ROOT), "PATH": os.environ["PATH"]}
        return running(command, environment=path | environment, folder=self.folder)

    def ledger(self) -> Database:
        """Open the database."""
        return Database(connect(self.database))

    def missed(self, *schedules: str, vault: str = "main") -> None:
        """Give schedules a missed tick: they began long ago and were not checked since."""
        ledger = self.ledger()
        ticks = TickRepository(ledger, vault, clock_lease(ledger, vault, holder="test", seconds=60))
        ticks.hold()
        for schedule in schedules:
            ticks.begin(f"{vault}:{schedule}", ticks.now() - timedelta(days=500))
        ticks.release()
        ledger.close()


@pytest.fixture(scope="package")
def node() -> Generator[BareChain]:
    """Node that responds."""
    with bare_chain() as chain:
        yield chain


@pytest.fixture(scope="package")
def server_url() -> Generator[Callable[[], str]]:
    """Function that creates databases on a server."""
    with prepared() as new_database:
        yield new_database


@pytest.fixture(params=["sqlite", "postgres"])
def service(request: pytest.FixtureRequest, node: BareChain, tmp_path: Path) -> Service:
    """Service with an empty database, of each kind."""
    if request.param == "postgres":
        url: str = request.getfixturevalue("server_url")()
    else:
        url = new_database(tmp_path / "ballast.sqlite")
    made = Service(tmp_path, url, node.url)
    made.configure()
    return made
