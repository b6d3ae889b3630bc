"""Tokens of the local chains, and payments to and from accounts of carriers."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from eth_typing import ChecksumAddress
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from scripts.network.accounts import test_account
from scripts.network.bridging.feed import Event
from scripts.network.chain import LocalChain
from scripts.network.specs import DECIMALS

ASSETS = ("USDC", "USDT")
TRANSFER = keccak(text="Transfer(address,address,uint256)")
PARTIES = 3  # topics of a transfer


def tokens_of(chain: LocalChain) -> dict[ChecksumAddress, str]:
    """Return the assets of treasuries by the addresses of their tokens."""
    return {chain.stablecoin(asset).address: asset for asset in ASSETS}


def decimals_of(chain: LocalChain, asset: str) -> int:
    """Return the decimals of an asset's token on a chain."""
    return chain.addresses.layer_zero.decimals if asset == "USDT" else DECIMALS[asset]


def deposits(event: Event, account: int) -> Iterator[tuple[str, int]]:
    """Yield asset and amount if an event is a payment to an account of the network."""
    asset = tokens_of(event.chain).get(event.address)
    if asset is None or len(event.topics) != PARTIES or event.topics[0] != TRANSFER:
        return
    if to_checksum_address(event.topics[2][12:]) == test_account(account).address:
        yield asset, int.from_bytes(event.data, "big")


def pay(chain: LocalChain, asset: str, account: int, to: str, units: int) -> str:
    """Pay from an account of the network; return the transaction's hash."""
    call = chain.stablecoin(asset).functions.transfer(to_checksum_address(to), units)
    receipt = chain.send(call, sender=test_account(account).address)
    return receipt["transactionHash"].to_0x_hex()


def whole(units: int, decimals: int) -> str:
    """Return an amount in the notation of services."""
    return f"{Decimal(units).scaleb(-decimals).normalize():f}"
