"""One running local chain."""

from dataclasses import dataclass

from eth_typing import ChecksumAddress
from web3.contract import Contract

from scripts.network.addresses import Addresses
from scripts.network.node import Node

_TOKEN_CONTRACTS = {"USDC": "UsdCoin", "USDT": "TetherToken", "WETH": "WETH9", "HYD": "BondToken"}
_FUND_CONTRACTS = {"TBILL": "TreasuryFund", "CREDIT": "TreasuryFund"}


@dataclass(frozen=True, eq=False)
class LocalChain(Node):
    """A chain of the local network: where it answers, what is on it, and how to rewind it."""

    name: str
    chain_id: int
    pid: int
    addresses: Addresses

    def snapshot(self) -> str:
        """Remembers the state; the answer is for one `revert`."""
        return self.rpc("evm_snapshot")

    def revert(self, snapshot: str) -> None:
        """Goes back to the state remembered; uses the snapshot up."""
        if self.rpc("evm_revert", snapshot) is not True:
            raise LookupError(f"{self.name} has no snapshot {snapshot}")

    def token(self, symbol: str) -> Contract:
        """A token by symbol."""
        return self.contract(_TOKEN_CONTRACTS[symbol], self.addresses.tokens[symbol])

    def stablecoin(self, asset: str) -> Contract:
        """A treasury's asset: USDC, or the USDT that crosses, which is USDT0 on rollups."""
        address = (
            self.addresses.layer_zero.usdt if asset == "USDT" else self.addresses.tokens[asset]
        )
        return self.contract("UsdCoin", address)

    def feed(self, symbol: str) -> Contract:
        """The price feed of a token, by the token's symbol."""
        return self.contract("PriceFeed", self.addresses.feeds[symbol])

    def fund(self, name: str) -> Contract:
        """An ERC-4626 fund by name."""
        contract = _FUND_CONTRACTS.get(name, "AaveMoneyMarket")
        return self.contract(contract, self.addresses.funds[name])

    def balance(self, symbol: str, owner: ChecksumAddress) -> int:
        """Balance of a token that `owner` holds, in base units."""
        return self.token(symbol).functions.balanceOf(owner).call()
