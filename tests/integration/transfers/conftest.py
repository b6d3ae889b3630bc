"""Three chains with treasuries and bridges, started once, and rewound after every test."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.network import LocalNetwork, start_network
from scripts.network.bridging.local import LocalBridges, open_bridges
from tests.integration.transfers.prepared import with_treasuries
from tests.integration.transfers.treasuries import Treasuries


@dataclass(frozen=True)
class Running:
    """What is started once: chains with treasuries, bridges, and the folder of records."""

    network: LocalNetwork
    bridges: LocalBridges
    records: Path


@pytest.fixture(scope="session")
def treasury_network() -> Generator[Running]:
    """What a test changes there must be undone: use `treasuries`."""
    folders: list[Path] = []

    def states(prepared: Path) -> Path:
        folders.append(with_treasuries(prepared))
        return folders[0]

    with start_network(states=states) as network, open_bridges(network.chains) as bridges:
        yield Running(network, bridges, folders[0])


@pytest.fixture
def treasuries(treasury_network: Running, tmp_path: Path) -> Generator[Treasuries]:
    """Treasuries with a million of each asset and full limits; all is put back afterwards."""
    chains, bridges = treasury_network.network.chains, treasury_network.bridges
    snapshots = {chain: chain.snapshot() for chain in chains.values()}
    folder = tmp_path / "deployments"
    folder.mkdir()
    for file in treasury_network.records.glob("*.treasury.*"):
        shutil.copy(file, folder)
    firsts = {name: chain.web3.eth.block_number for name, chain in chains.items()}
    bridges.reset()
    yield Treasuries(chains, bridges, folder, firsts)
    for chain, snapshot in snapshots.items():
        chain.revert(snapshot)
    bridges.reset()
