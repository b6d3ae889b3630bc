"""Three chains with treasuries and bridges, started once and reset after every test."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from scripts.network import LocalNetwork, start_network
from scripts.network.bridging.local import LocalBridges, open_bridges
from scripts.network.inboxes import inboxes_in
from tests.integration.sending.conftest import new_url, postgres_databases
from tests.integration.transfers.keeper import ENVIRONMENT, TreasuryKeeper
from tests.integration.transfers.prepared import with_treasuries
from tests.integration.transfers.treasuries import Treasuries
from tests.support.sqlite import new_database

__all__ = ["new_url", "postgres_databases"]


@dataclass(frozen=True)
class Running:
    """Chains with treasuries, bridges, and the folder of deployment records, started once."""

    network: LocalNetwork
    bridges: LocalBridges
    records: Path


@pytest.fixture(scope="session")
def treasury_network() -> Generator[Running]:
    """Running chains and bridges. Changes must be undone: use `treasuries`."""
    folders: list[Path] = []

    def states(prepared: Path) -> Path:
        folders.append(with_treasuries(prepared))
        return folders[0]

    with start_network(states=states) as network, open_bridges(network.chains) as bridges:
        yield Running(network, bridges, folders[0])


@contextmanager
def rewound(running: Running, folder: Path) -> Generator[Treasuries]:
    """Yield treasuries with a million of each asset and full limits; all is reset afterwards."""
    chains, bridges = running.network.chains, running.bridges
    snapshots = {chain: chain.snapshot() for chain in chains.values()}
    records = folder / "deployments"
    records.mkdir()
    for file in running.records.glob("*.treasury.*"):
        shutil.copy(file, records)
    firsts = {name: chain.web3.eth.block_number for name, chain in chains.items()}
    bridges.reset()
    bridges.now = time.time
    for each in inboxes_in(records):
        bridges.exchange.list_address(each["coin"], each["network"], each["address"])
    yield Treasuries(chains, bridges, records, firsts)
    for chain, snapshot in snapshots.items():
        chain.revert(snapshot)
    bridges.reset()


@pytest.fixture
def treasuries(treasury_network: Running, tmp_path: Path) -> Generator[Treasuries]:
    """Treasuries of one test."""
    with rewound(treasury_network, tmp_path) as made:
        yield made


KeeperOf = Callable[[str], AbstractContextManager[TreasuryKeeper]]


@pytest.fixture
def keeper_of(
    treasury_network: Running, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> KeeperOf:
    """Function that creates keepers with a database each; their treasuries are reset afterwards."""
    numbers = count()
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)

    @contextmanager
    def make(database: str) -> Generator[TreasuryKeeper]:
        folder = tmp_path / f"keeper-{next(numbers)}"
        folder.mkdir()
        with rewound(treasury_network, folder) as treasuries:
            keeper = TreasuryKeeper(treasuries, folder, database)
            keeper.configure()
            yield keeper

    return make


@pytest.fixture
def keeper(keeper_of: KeeperOf, tmp_path: Path) -> Generator[TreasuryKeeper]:
    """The treasuries' keeper, with an empty SQLite database."""
    with keeper_of(new_database(tmp_path / "ballast.sqlite")) as made:
        yield made
