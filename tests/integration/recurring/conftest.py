"""Deployment with paid rebalancers and their keeper, reset after each test."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from web3.contract import Contract
from web3.types import TxParams, Wei

from keepers.model.recurring import scope_of
from keepers.model.run import RunRecord
from keepers.store.database import open_database
from keepers.store.runs import MaintenanceRunRepository
from scripts.deployment.chain import forge_artifact
from scripts.network import LocalNetwork
from scripts.network.accounts import WHALE
from scripts.network.chain import LocalChain
from scripts.network.market import accrue
from tests.integration.support.deploy import KEEPER_ACCOUNT, DeployedVault, deploy_vault
from tests.integration.support.keeper import VAULT, Keeper

ETHER = 10**18
INTERVAL = 86_400
UNLIMITED = 2**40 - 1
EFFORT, MARGIN_BPS, MEDIUM, MOST_FAILURES = 800_000, 12_000, 1, 5
LEDGER, EXTERNAL = 0, 1
NOBODY = to_checksum_address("0x" + "00" * 20)
SECTION = """
[recurring]
vault = "main"
"""


@dataclass
class Stage:
    """Rebalancers of all kinds of payers, and their keeper."""

    keeper: Keeper
    targets: list[ChecksumAddress]

    @property
    def chain(self) -> LocalChain:
        return self.keeper.vault.chain

    def contract(self, name: str) -> Contract:
        return self.keeper.vault.deployment.contract(name)

    def send(self, name: str, function: str, *arguments: object, value: int = 0) -> None:
        call = self.contract(name).functions[function](*arguments)
        # A gas estimate would suffice only for a batch that does nothing.
        sending: TxParams = {"from": WHALE, "value": Wei(value), "gas": 5_000_000}
        receipt = self.chain.web3.eth.wait_for_transaction_receipt(call.transact(sending))
        assert receipt["status"] == 1

    def fund(self, wei: int) -> None:
        """Deposit native token for the registry's rebalancers, without limits."""
        registry = self.contract("PaidRebalancerRegistry").address
        self.send("TransactionScheduler", "setSpender", registry, UNLIMITED, UNLIMITED)
        self.send("TransactionScheduler", "deposit", WHALE, registry, value=wei)

    def deploy(self, name: str, *arguments: object) -> Contract:
        """Deploy a contract beside the deployment."""
        compiled = forge_artifact(name)
        factory = self.chain.web3.eth.contract(abi=compiled.abi, bytecode=compiled.bytecode)
        data = factory.constructor(*arguments).data_in_transaction
        receipt = self.chain.transact(data, what=name)
        address = to_checksum_address(str(receipt["contractAddress"]))
        return self.chain.web3.eth.contract(address, abi=compiled.abi)

    def rebalancer(self, interval: int, kind: int, funder: str, owner: str = WHALE) -> Contract:
        """Deploy an unbooked rebalancer as a separate contract; without a funder it pays itself."""
        scheduler = self.contract("TransactionScheduler").address
        self.targets.append(self.target())
        config = (interval, MEDIUM, EFFORT, MARGIN_BPS, False, kind, funder)
        arguments = (scheduler, self.targets[-1], owner, MOST_FAILURES, config)
        return self.deploy("RecurringRebalancer", *arguments)

    def target(self) -> ChecksumAddress:
        """Deploy a target that counts its runs."""
        return self.deploy("MoodyTarget").address

    def withdraw(self) -> None:
        """Withdraw the whole balance for the registry's rebalancers."""
        registry = self.contract("PaidRebalancerRegistry").address
        read = self.keeper.vault.deployment.read
        balance = read("TransactionScheduler", "accountOf", WHALE, registry)[0]
        self.send("TransactionScheduler", "withdraw", registry, WHALE, balance)

    def create(self, count: int) -> None:
        """Create paid rebalancers, each with its own target."""
        for _ in range(count):
            target = self.target()
            self.send("PaidRebalancerRegistry", "allowTarget", target, WHALE)
            self.send("PaidRebalancerRegistry", "createPaidRebalancer", target)
            self.targets.append(target)

    def runs(self) -> list[int]:
        """Return the number of runs of each target."""
        abi = forge_artifact("MoodyTarget").abi
        found = (self.chain.web3.eth.contract(each, abi=abi) for each in self.targets)
        return [each.functions.runs().call() for each in found]

    def stuck(self) -> list[bool]:
        """Return for each target whether nothing is booked."""
        return [
            self.keeper.vault.deployment.read("PaidRebalancerRegistry", "isStuck", each)
            for each in self.targets
        ]

    def a_day_passes(self) -> None:
        accrue(self.chain, INTERVAL + 1)

    def earned(self, account: str) -> int:
        read = self.keeper.vault.deployment.read
        return read("TransactionScheduler", "accountOf", account, account)[0]

    def ballast(self, *arguments: str) -> Any:
        """Run `ballast recurring` and return its JSON document."""
        done = self.keeper.run("recurring", *arguments, "--json")
        assert done.status == 0, done.out + done.err
        return done.json

    def journal(self, folder: Path | None = None) -> tuple[RunRecord, ...]:
        """Return the keeper's runs, newest first."""
        place = folder or self.keeper.folder
        ledger = open_database(f"sqlite:///{place / 'ballast.sqlite'}")
        found = MaintenanceRunRepository(ledger).runs(scope_of(VAULT))
        ledger.close()
        return found


@pytest.fixture(scope="package")
def deployed(
    network: LocalNetwork, tmp_path_factory: pytest.TempPathFactory
) -> Generator[DeployedVault]:
    """Vault, deployed once."""
    chain = network.chains["ethereum-local"]
    before = chain.snapshot()
    yield deploy_vault(chain, tmp_path_factory.mktemp("deployments"))
    chain.revert(before)


@pytest.fixture
def stage(deployed: DeployedVault, tmp_path: Path) -> Generator[Stage]:
    """Deployment without rebalancers, and a keeper with an empty database."""
    before = deployed.chain.snapshot()
    keeper = Keeper(deployed, tmp_path)
    keeper.configure()
    file = tmp_path / "ballast.toml"
    file.write_text(file.read_text() + SECTION)
    yield Stage(keeper, [])
    deployed.chain.rpc("anvil_dropAllTransactions")
    deployed.chain.revert(before)


@pytest.fixture
def key(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set the keeper's key, for ticks in this process."""
    monkeypatch.setenv("TEST_KEEPER_KEY", f"0x{KEEPER_ACCOUNT.key.hex()}")
