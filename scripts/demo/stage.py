"""Set-up of the demo: a local chain with Ballast, and a keeper's configuration."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_account import Account
from eth_typing import ChecksumAddress
from web3.contract import Contract
from web3.types import TxParams

from scripts.demo.errors import DemoError
from scripts.demo.programs import ape, ballast
from scripts.deployment.chain import forge_artifact
from scripts.deployment.local import DEPLOYER, KEEPER
from scripts.deployment.vault.config import VaultConfig
from scripts.deployment.vault.local import fill_limits, write_local_config
from scripts.network.accounts import test_account
from scripts.network.chain import LocalChain
from scripts.network.market import give

KEY_VARIABLE = "BALLAST_DEMO_KEEPER_KEY"
PASSWORD_VARIABLE, PASSWORD = "BALLAST_APPROVER_PASSWORD", "a demo's"
CHEAP = 2
"""Rounds of the keystore's key derivation; the account is public."""

BALLAST_TOML = """\
# Written by the demo.
database = "sqlite:///ballast.sqlite"

[chains.{chain}]
chain_id = {chain_id}
rpc_urls = ["{url}"]
confirmations = 1
trust_finality_tags = false
finality_blocks = 1
poll_interval_seconds = "0.05"
deployments = "{deployments}"

[signers.keeper]
kind = "private_key_env"
variable = "{variable}"

[vaults.treasury]
chain = "{chain}"
signer = "keeper"

# The demo's keeper may move up to 950,000 USDT per plan without approval.
[vaults.treasury.tiers]
REBALANCE_APPROVAL_THRESHOLD = 950000
REBALANCE_MULTISIG_THRESHOLD = 5000000

[recurring]
vault = "treasury"
"""


@dataclass(frozen=True)
class Stage:
    """One chain, one vault, one folder for configuration, record and database."""

    chain: LocalChain
    folder: Path

    def set_up(self) -> None:
        """Deploy and configure with the ape scripts, check the result, write `ballast.toml`."""
        write_local_config(self.chain, self._intended)
        for script in ("deploy", "configure", "verify"):
            ape(self.chain, self._intended, script, account=DEPLOYER)
        fill_limits(self.chain, VaultConfig.load(self._intended))
        settings = BALLAST_TOML.format(
            chain=self.chain.name,
            chain_id=self.chain.chain_id,
            url=self.chain.url,
            deployments=self._intended.with_suffix(".json"),
            variable=KEY_VARIABLE,
        )
        (self.folder / "ballast.toml").write_text(settings)

    @property
    def _intended(self) -> Path:
        return self.folder / f"{self.chain.name}.toml"

    def address(self, name: str) -> ChecksumAddress:
        """Return the address of one of Ballast's contracts."""
        record = json.loads(self._intended.with_suffix(".json").read_text())
        return record["contracts"][name]["address"]

    def contract(self, name: str) -> Contract:
        """Return one of Ballast's contracts."""
        abi = forge_artifact(name).abi
        return self.chain.web3.eth.contract(self.address(name), abi=abi)

    def ballast(self, *arguments: str) -> Any:  # noqa: ANN401 - the command's JSON
        """Run a `ballast` command in a separate process and return its JSON."""
        return json.loads(self._ballast(*arguments, "--json"))

    def approve(self, run_id: str, index: int) -> None:
        """Sign a run's plan as one of the network's accounts, from a keystore file."""
        file = self.folder / f"approver-{index}.json"
        key = bytes(test_account(index).key)
        file.write_text(json.dumps(Account.encrypt(key, PASSWORD, "scrypt", CHEAP)))  # pyright: ignore[reportUnknownMemberType]
        self.ballast("approve", run_id, "--keystore", str(file), "--yes")

    def write_report(self, path: Path) -> None:
        """Write the HTML report of every run."""
        self._ballast("report", "--format", "html", "--output", str(path))

    def _ballast(self, *arguments: str) -> str:
        key = "0x" + bytes(test_account(KEEPER).key).hex()
        return ballast(self.folder, {KEY_VARIABLE: key, PASSWORD_VARIABLE: PASSWORD}, *arguments)

    def deposit(self, depositor: int, amount: int) -> None:
        """Send USDT to a test account, and deposit it from there."""
        owner, vault = test_account(depositor).address, self.contract("LiquidityVault")
        give(self.chain, "USDT", owner, amount)
        self.send(owner, self.chain.token("USDT"), "approve", vault.address, amount)
        self.send(owner, vault, "deposit", amount, owner)

    def withdraw(self, depositor: int, amount: int) -> None:
        """Withdraw as a depositor."""
        owner = test_account(depositor).address
        self.send(owner, self.contract("LiquidityVault"), "withdraw", amount, owner, owner)

    def send(
        self, sender: ChecksumAddress, contract: Contract, function: str, *arguments: object
    ) -> None:
        """Send a call from a test account, which the local node signs for."""
        transaction: TxParams = {"from": sender}
        hashed = contract.functions[function](*arguments).transact(transaction)
        if self.chain.web3.eth.wait_for_transaction_receipt(hashed)["status"] != 1:
            raise DemoError(f"{function} of {contract.address} reverted")
