"""CCTP V2 for USDC, with attesters whose keys are known."""

from eth_typing import ChecksumAddress

from scripts.network.accounts import ATTESTERS, BRIDGE_FEES, SIGNATURES, WHALE, test_account
from scripts.network.addresses import Addresses, Cctp
from scripts.network.build.builder import Builder
from scripts.network.specs import DECIMALS

_ENOUGH = 2**255
_MOST_OF_ONE_BURN = 10_000_000 * 10 ** DECIMALS["USDC"]


def deploy_cctp(builder: Builder, usdc: ChecksumAddress) -> Cctp:
    """Deploy transmitter, minter and messenger; two of three attesters must sign."""
    first, *others = (test_account(each).address for each in ATTESTERS)
    domain = builder.spec.domain
    transmitter = builder.deploy("CctpTransmitter", WHALE, domain, first)
    functions = builder.contract("CctpTransmitter", transmitter).functions
    for attester in others:
        builder.send(functions.enableAttester(attester))
    builder.send(functions.setSignatureThreshold(SIGNATURES))
    minter = builder.deploy("CctpMinter", WHALE)
    fees = test_account(BRIDGE_FEES).address
    messenger = builder.deploy("CctpMessenger", WHALE, transmitter, minter, fees)
    minting = builder.contract("CctpMinter", minter).functions
    builder.send(minting.addLocalTokenMessenger(messenger))
    builder.send(minting.setMaxBurnAmountPerMessage(usdc, _MOST_OF_ONE_BURN))
    builder.send(builder.contract("UsdCoin", usdc).functions.configureMinter(minter, _ENOUGH))
    return Cctp(domain=domain, transmitter=transmitter, minter=minter, messenger=messenger)


def link_cctp(builder: Builder, here: Addresses, there: Addresses) -> None:
    """Make this chain trust the messenger of another one, and link its USDC."""
    domain = there.cctp.domain
    minter = builder.contract("CctpMinter", here.cctp.minter).functions
    remote = word(there.tokens["USDC"])
    builder.send(minter.linkTokenPair(here.tokens["USDC"], domain, remote))
    messenger = builder.contract("CctpMessenger", here.cctp.messenger).functions
    builder.send(messenger.addRemoteTokenMessenger(domain, word(there.cctp.messenger)))


def word(address: str) -> bytes:
    """Return an address in 32 bytes, the form for other chains."""
    return bytes.fromhex(address[2:]).rjust(32, b"\0")
