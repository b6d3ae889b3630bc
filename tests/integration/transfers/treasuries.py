"""Three chains with a treasury each, and the bridges between them.

Example:
    treasuries.funds(ETHEREUM, "USDC", 250_000 * 10**6)
    before = treasuries.conservation()
    ...
    treasuries.bridges.deliver()
    assert treasuries.conservation() == before
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address
from web3.contract import Contract
from web3.types import TxReceipt

from scripts.deployment.chain import unlocked_chain
from scripts.deployment.treasury.deployment import ManagedTreasury
from scripts.deployment.treasury.settings import word
from scripts.network.accounts import TREASURY_KEEPER, WHALE, test_account
from scripts.network.bridging.local import LocalBridges
from scripts.network.chain import LocalChain

ETHEREUM, ARBITRUM, OPTIMISM = "ethereum-local", "arbitrum-local", "optimism-local"
KEEPER = test_account(TREASURY_KEEPER)
ASSETS = ("USDC", "USDT")
COMMON_DECIMALS = 18


@dataclass(frozen=True)
class Books:
    """Distribution of one asset over all chains, in 18 decimals.

    Attributes:
        idle: Amount in treasuries.
        invested: Amount put into venues and not returned, without gains and losses.
        in_flight: Amount sent and not received.
        fees: Amount lost in received transfers.
    """

    idle: int
    invested: int
    in_flight: int
    fees: int

    @property
    def total(self) -> int:
        """Sum that no transfer changes."""
        return self.idle + self.invested + self.in_flight + self.fees


@dataclass(frozen=True)
class _ChainBooks:
    idle: int
    invested: int
    sent: dict[bytes, int]
    received: dict[bytes, int]


@dataclass(frozen=True)
class Treasuries:
    """The treasuries; `folder` has their records, which keepers read.

    Chains and assets are given by name, and amounts in base units of the chain's token.
    """

    chains: Mapping[str, LocalChain]
    bridges: LocalBridges
    folder: Path
    first_blocks: Mapping[str, int]

    @cached_property
    def deployments(self) -> dict[str, ManagedTreasury]:
        """Treasuries as the ape scripts see them; the owner of everything is the sender."""
        return {
            name: ManagedTreasury.open(
                unlocked_chain(chain.web3, WHALE), self.folder / f"{name}.treasury.toml"
            )
            for name, chain in self.chains.items()
        }

    def record(self, chain: str) -> dict[str, Any]:
        """Return the file that keepers read."""
        return json.loads((self.folder / f"{chain}.treasury.json").read_text())

    def contract(self, chain: str, name: str = "Treasury") -> Contract:
        """Return a contract of the record."""
        return self.deployments[chain].contract(name)

    def send(
        self,
        chain: str,
        function: str,
        *arguments: object,
        sender: str = KEEPER.address,
        value: int = 0,
    ) -> TxReceipt:
        """Call the treasury, by default as its keeper; a revert raises."""
        call = self.contract(chain).functions[function](*arguments)
        return self.chains[chain].send(call, sender=to_checksum_address(sender), value=value)

    def decimals(self, chain: str, asset: str) -> int:
        """Return the decimals of an asset's token on a chain."""
        return self.deployments[chain].config.assets[asset].decimals

    def balance(self, chain: str, asset: str) -> int:
        """Return the treasury's own balance."""
        treasury = self.contract(chain).address
        return self.chains[chain].stablecoin(asset).functions.balanceOf(treasury).call()

    def funds(self, chain: str, asset: str, amount: int) -> None:
        """Transfer tokens in or out until the treasury's own balance is the amount."""
        missing, token = amount - self.balance(chain, asset), self.chains[chain].stablecoin(asset)
        treasury = self.contract(chain).address
        if missing > 0:
            self.chains[chain].send(token.functions.transfer(treasury, missing))
        elif missing < 0:
            self.send(chain, "release", token.address, WHALE, -missing, sender=WHALE)

    def invested(self, chain: str, asset: str) -> int:
        """Return the value of its shares in venues."""
        lens = self.contract(chain, "TreasuryLens").functions
        treasury = self.contract(chain).address
        _, worth = lens.balancesOf(treasury, word(asset)).call()
        return worth

    def conservation(self) -> dict[str, int]:
        """Return the sum of idle, invested, in flight and lost to fees, by asset in 18 decimals.

        Only `funds` changes it.
        """
        return {asset: self.books(asset).total for asset in ASSETS}

    def books(self, asset: str) -> Books:
        """Return the distribution of an asset since the test began."""
        per_chain = [self._books_of(chain, asset) for chain in self.chains]
        sent = {id_: amount for each in per_chain for id_, amount in each.sent.items()}
        received = {id_: amount for each in per_chain for id_, amount in each.received.items()}
        lost = [sent[id_] - amount for id_, amount in received.items()]
        assert all(fee >= 0 for fee in lost), "a transfer brought more than was sent"
        return Books(
            idle=sum(each.idle for each in per_chain),
            invested=sum(each.invested for each in per_chain),
            in_flight=sum(amount for id_, amount in sent.items() if id_ not in received),
            fees=sum(lost),
        )

    def count(self, chain: str, event: str) -> int:
        """Return the number of an event's emissions by the treasury since the test began."""
        return len(self._events(chain, event))

    def blocks_with_legs(self, chain: str) -> int:
        """Return the number of blocks with a departure or arrival since the test began."""
        contract, first = self.contract(chain), self.first_blocks[chain]
        logs = [
            log
            for name in ("TransferSent", "TransferReceived")
            for log in contract.events[name]().get_logs(from_block=first)
        ]
        return len({log["blockNumber"] for log in logs})

    def _books_of(self, chain: str, asset: str) -> _ChainBooks:
        unit = 10 ** (COMMON_DECIMALS - self.decimals(chain, asset))
        return _ChainBooks(
            idle=self.balance(chain, asset) * unit,
            invested=unit
            * (
                sum(each["amount"] for each in self._moves(chain, "Invested", asset))
                - sum(each["received"] for each in self._moves(chain, "Divested", asset))
            ),
            sent={
                each["id"]: each["transfer"]["amount"] * unit
                for each in self._transfers(chain, "TransferSent", asset)
            },
            received={
                each["id"]: each["received"] * unit
                for each in self._transfers(chain, "TransferReceived", asset)
            },
        )

    def _moves(self, chain: str, event: str, asset: str) -> list[dict[str, Any]]:
        venues = {
            venue.address for venue in self.deployments[chain].config.venues if venue.asset == asset
        }
        return [each for each in self._events(chain, event) if each["venue"] in venues]

    def _transfers(self, chain: str, event: str, asset: str) -> list[dict[str, Any]]:
        return [each for each in self._events(chain, event) if each["asset"] == word(asset)]

    def _events(self, chain: str, event: str) -> list[dict[str, Any]]:
        found = self.contract(chain).events[event]().get_logs(from_block=self.first_blocks[chain])
        return [dict(each["args"]) for each in found]
