"""Vault on Hardhat's node, reset after each test."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.vault.deployment import ManagedVault
from scripts.network import LocalNetwork
from scripts.network.accounts import WHALE
from tests.integration.keeper.conftest import DEPOSIT
from tests.integration.support.deploy import DeployedVault, deploy_vault
from tests.integration.support.hardhat import HardhatChain, hardhat_copy
from tests.integration.support.keeper import Keeper


@pytest.fixture(scope="package")
def deployed(
    network: LocalNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Generator[DeployedVault]:
    """Vault with a deposit, deployed on anvil and copied to Hardhat's node."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    vault = deploy_vault(chain, tmp_path_factory.mktemp("deployments"))
    vault.deposit(DEPOSIT)
    with hardhat_copy(chain, tmp_path_factory.mktemp("hardhat")) as copy:
        chain.revert(before)
        sending = unlocked_chain(copy.web3, WHALE)
        known = ManagedVault(sending, vault.deployment.config, vault.deployment.record)
        yield DeployedVault(copy, known, vault.file)


@pytest.fixture
def hardhat(deployed: DeployedVault) -> HardhatChain:
    """The chain."""
    assert isinstance(deployed.chain, HardhatChain)
    return deployed.chain


@pytest.fixture
def keeper(deployed: DeployedVault, hardhat: HardhatChain, tmp_path: Path) -> Generator[Keeper]:
    """The vault's keeper with an empty database; the vault is reset afterwards."""
    before = hardhat.snapshot()
    made = Keeper(deployed, tmp_path)
    made.configure()
    yield made
    hardhat.forget_pool()
    hardhat.revert(before)
