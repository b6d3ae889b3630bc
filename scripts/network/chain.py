"""Running local chain."""

from dataclasses import dataclass

from eth_typing import ChecksumAddress
from web3.contract import Contract

from scripts.network.addresses import Addresses
from scripts.network.node import Node

_TOKEN_CONTRACTS = {"USDC": "UsdCoin", "USDT": "TetherToken", "WETH": "WETH9", "HYD": "BondToken"}
_FUND_CONTRACTS = {"TBILL": "TreasuryFund", "CREDIT": "TreasuryFund"}


@dataclass(frozen=True, eq=False)
class LocalChain(Node):
    """Chain of the local network, with its address, its contracts and its snapshots."""

    name: str
    chain_id: int
    pid: int
    addresses: Addresses

    def snapshot(self) -> str:
        """Store the state; return an id for one `revert`."""
        return self.rpc("evm_snapshot")

    def revert(self, snapshot: str) -> None:
        """Return to the stored state; the snapshot can be used once."""
        if self.rpc("evm_revert", snapshot) is not True:
            raise LookupError(f"{self.name} has no snapshot {snapshot}")

    def token(self, symbol: str) -> Contract:
        """Return a token by symbol."""
        return self.contract(_TOKEN_CONTRACTS[symbol], self.addresses.tokens[symbol])

    def stablecoin(self, asset: str) -> Contract:
        """Return an asset of treasuries: USDC, or LayerZero's USDT, which is USDT0 on rollups."""
        address = (
            self.addresses.layer_zero.usdt if asset == "USDT" else self.addresses.tokens[asset]
        )
        return self.contract("UsdCoin", address)

    def feed(self, symbol: str) -> Contract:
        """Return the price feed of a token, by the token's symbol."""
        return self.contract("PriceFeed", self.addresses.feeds[symbol])

    def fund(self, name: str) -> Contract:
        """Return an ERC-4626 fund by name."""
        contract = _FUND_CONTRACTS.get(name, "AaveMoneyMarket")
        return self.contract(contract, self.addresses.funds[name])

    def balance(self, symbol: str, owner: ChecksumAddress) -> int:
        """Return an owner's balance of a token, in base units."""
        return self.token(symbol).functions.balanceOf(owner).call()
