"""Treasuries of three chains, deployed by ape scripts, with bridges and a configuration."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_typing import ChecksumAddress
from web3.contract import Contract

from scripts.demo.programs import ape, ballast
from scripts.deployment.chain import forge_artifact
from scripts.deployment.local import DESK
from scripts.deployment.treasury.local import offer_treasuries
from scripts.deployment.treasury.settings import word
from scripts.network.accounts import TREASURY_KEEPER, WHALE, test_account
from scripts.network.bridging.local import LocalBridges
from scripts.network.chain import LocalChain

OWNER = DESK
"""Owner of the treasuries: a separate account, because vaults are deployed concurrently."""

KEY_VARIABLE = "BALLAST_DEMO_TREASURY_KEY"
ASSETS = ("USDC", "USDT")
BASE = 40_000
"""Base of each asset on each chain, in whole tokens."""

FILLING_SECONDS = 60
"""Seconds in which limits fill."""

HEAD = """\
# Written by the demo.
database = "sqlite:///treasuries.sqlite"

[signers.treasury]
kind = "private_key_env"
variable = "{variable}"

[treasury]
trigger_percentage = "0.5"

[treasury.bridges.CCTP]
url = "{attestation}"
fast = false

[treasury.bridges.OFT]
url = "{scan}"
"""
CHAIN = """
[chains.{name}]
chain_id = {chain_id}
rpc_urls = ["{url}"]
confirmations = 1
trust_finality_tags = false
finality_blocks = 1
poll_interval_seconds = "0.05"

[treasury.chains.{name}]
deployments = "{name}.treasury.json"
signer = "treasury"
base = {{ USDC = "{base}", USDT = "{base}" }}
"""

Holdings = dict[tuple[str, str], int]
"""Amount of an asset on a chain, in units of its token."""


@dataclass(frozen=True)
class Treasuries:
    """Three chains, their bridges, and one folder for configuration, records and database."""

    chains: Mapping[str, LocalChain]
    bridges: LocalBridges
    folder: Path

    def set_up(self) -> None:
        """Deploy on every chain, then configure each and check it, then write `ballast.toml`.

        Raises:
            DemoError: A script failed.
        """
        offer_treasuries(
            self.chains.values(), self.folder, period=FILLING_SECONDS, owner=OWNER, custody=False
        )
        for script in ("deploy", "configure", "verify"):
            for chain in self.chains.values():
                intended = self.folder / f"{chain.name}.treasury.toml"
                ape(chain, intended, "treasury", script, account=OWNER)
        text = HEAD.format(variable=KEY_VARIABLE, **self.bridges.urls)
        for chain in self.chains.values():
            text += CHAIN.format(name=chain.name, chain_id=chain.chain_id, url=chain.url, base=BASE)
        (self.folder / "ballast.toml").write_text(text)

    def ballast(self, *arguments: str, **variables: str) -> Any:  # noqa: ANN401 - the command's JSON
        """Run a `ballast` command in a separate process and return its JSON."""
        return json.loads(self.said(*arguments, "--json", **variables))

    def said(self, *arguments: str, **variables: str) -> str:
        """Run a `ballast` command and return its text; variables override the configuration."""
        key = f"0x{bytes(test_account(TREASURY_KEEPER).key).hex()}"
        return ballast(self.folder, {KEY_VARIABLE: key} | variables, *arguments)

    def contract(self, chain: str, name: str = "Treasury") -> Contract:
        """Return one of the contracts of a chain."""
        record = json.loads((self.folder / f"{chain}.treasury.json").read_text())
        address: ChecksumAddress = record["contracts"][name]["address"]
        return self.chains[chain].web3.eth.contract(address, abi=forge_artifact(name).abi)

    def decimals(self, chain: str, asset: str) -> int:
        """Return the decimals of an asset's token on the chain."""
        return self.chains[chain].stablecoin(asset).functions.decimals().call()

    def units(self, chain: str, asset: str, whole: int) -> int:
        """Return the base units of whole tokens on the chain."""
        return whole * 10 ** self.decimals(chain, asset)

    def receive(self, chain: str, asset: str, whole: int) -> None:
        """Pay whole tokens into a treasury."""
        token, treasury = self.chains[chain].stablecoin(asset), self.contract(chain).address
        units = self.units(chain, asset, whole)
        self.chains[chain].send(token.functions.transfer(treasury, units))

    def spend(self, chain: str, asset: str, whole: int) -> None:
        """Spend whole tokens of a treasury as its owner."""
        token, units = self.chains[chain].stablecoin(asset), self.units(chain, asset, whole)
        call = self.contract(chain).functions.release(token.address, WHALE, units)
        self.chains[chain].send(call, sender=test_account(OWNER).address)

    def idle(self) -> Holdings:
        """Return the idle balances of the treasuries."""
        return {each: amounts[0] for each, amounts in self._holdings().items()}

    def invested(self) -> Holdings:
        """Return the values of the treasuries' venue shares."""
        return {each: amounts[1] for each, amounts in self._holdings().items()}

    def _holdings(self) -> dict[tuple[str, str], tuple[int, int]]:
        found: dict[tuple[str, str], tuple[int, int]] = {}
        for chain in self.chains:
            lens = self.contract(chain, "TreasuryLens").functions
            treasury = self.contract(chain).address
            for asset in ASSETS:
                idle, invested = lens.balancesOf(treasury, word(asset)).call()
                found[chain, asset] = (idle, invested)
        return found
