"""The local network, started once and reset after every test that uses it."""

from collections.abc import Generator, Mapping

import pytest

from scripts.network import LocalChain, LocalNetwork, start_network


@pytest.fixture(scope="session")
def network() -> Generator[LocalNetwork]:
    """Three running chains. Changes must be undone: use `chain` or `chains`."""
    with start_network() as running:
        yield running


@pytest.fixture
def chains(network: LocalNetwork) -> Generator[Mapping[str, LocalChain]]:
    """All chains by name, reset afterwards."""
    snapshots = {chain: chain.snapshot() for chain in network.chains.values()}
    yield network.chains
    for chain, snapshot in snapshots.items():
        chain.revert(snapshot)


@pytest.fixture
def chain(network: LocalNetwork) -> Generator[LocalChain]:
    """`ethereum-local`, reset afterwards."""
    ethereum = network.chains["ethereum-local"]
    snapshot = ethereum.snapshot()
    yield ethereum
    ethereum.revert(snapshot)
