"""Vault on the local chain, reset after each test."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from scripts.network import LocalNetwork
from tests.integration.support.deploy import DeployedVault, deploy_vault
from tests.integration.support.keeper import Keeper

DEPOSIT = 100_000
"""Whole USDT, all of them cash: L1 is at 100 %, so a plan buys every holding."""


@pytest.fixture(scope="package")
def deployed(
    network: LocalNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Generator[DeployedVault]:
    """Vault with a deposit, deployed once."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    vault = deploy_vault(chain, tmp_path_factory.mktemp("deployments"))
    vault.deposit(DEPOSIT)
    yield vault
    chain.revert(before)


@pytest.fixture
def vault(deployed: DeployedVault) -> Generator[DeployedVault]:
    """The vault, reset afterwards."""
    before = deployed.chain.snapshot()
    yield deployed
    deployed.chain.rpc("anvil_dropAllTransactions")
    deployed.chain.revert(before)


@pytest.fixture
def keeper(vault: DeployedVault, tmp_path: Path) -> Keeper:
    """The vault's keeper, with an empty database."""
    made = Keeper(vault, tmp_path)
    made.configure()
    return made
