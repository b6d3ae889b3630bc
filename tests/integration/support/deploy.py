"""Vault on a local chain, deployed from the compiled contracts, and actions of its owners."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eth_utils.address import to_checksum_address
from web3.types import TxReceipt

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.configure import configure
from scripts.deployment.deploy import deploy
from scripts.deployment.local import GUARDIAN, KEEPER
from scripts.deployment.record import Record
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.local import fill_limits, write_local_config
from scripts.network.accounts import WHALE, test_account
from scripts.network.chain import LocalChain

KEEPER_ACCOUNT = test_account(KEEPER)
USDT = 10**6


@dataclass(frozen=True)
class DeployedVault:
    """Vault, its chain, and the deployments file that the keeper reads."""

    chain: LocalChain
    deployment: ManagedVault
    file: Path

    def send(self, name: str, function: str, *arguments: object, sender: str = WHALE) -> TxReceipt:
        """Call a contract of the deployment as an account of the network."""
        call = self.deployment.contract(name).functions[function](*arguments)
        return self.chain.send(call, sender=to_checksum_address(sender))

    def deposit(self, whole: int) -> None:
        """Deposit whole USDT from the whale."""
        vault = self.deployment.contract("LiquidityVault")
        amount = whole * USDT
        self.chain.send(self.chain.token("USDT").functions.approve(vault.address, amount))
        self.send("LiquidityVault", "deposit", amount, WHALE)

    def tiers(self) -> tuple[int, int, int]:
        """Return the values of the tiers, in base units."""
        first, second, third = self.deployment.read("AssetController", "tierValues")
        return first, second, third

    def pause(self) -> None:
        """Pause the controller as its guardian."""
        self.send("AssetController", "pause", sender=test_account(GUARDIAN).address)

    def keeper_nonce(self) -> int:
        """Return the number of transactions of the keeper's key."""
        return self.chain.web3.eth.get_transaction_count(KEEPER_ACCOUNT.address)


def deploy_vault(chain: LocalChain, folder: Path) -> DeployedVault:
    """Deploy and configure the local vault with full limits; its files are in the folder."""
    path = folder / f"{chain.name}.toml"
    write_local_config(chain, path)
    return deploy_as_written(chain, path)


def deploy_as_written(chain: LocalChain, path: Path) -> DeployedVault:
    """Deploy and configure the vault of a file with full limits; the record is beside the file."""
    config = VaultConfig.load(path)
    record = Record.load(path.with_suffix(".json"), config)
    sending = unlocked_chain(chain.web3, WHALE)
    deploy(ManagedVault(sending, config, record), _quietly)
    deployment = ManagedVault(sending, config, record)
    configure(deployment, _quietly)
    fill_limits(chain, config)
    return DeployedVault(chain, deployment, path.with_suffix(".json"))


def _quietly(_: str) -> None:
    return None
