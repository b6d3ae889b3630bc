"""Chain under construction."""

from dataclasses import dataclass

from eth_typing import ChecksumAddress

from scripts.network.accounts import WHALE
from scripts.network.node import Node
from scripts.network.specs import ChainSpec

_UNLIMITED = 2**256 - 1


@dataclass(frozen=True, eq=False)
class Builder(Node):
    """Node on which the whale deploys."""

    spec: ChainSpec
    accounts: tuple[ChecksumAddress, ...]

    def leave_gap(self) -> None:
        """Skip nonces, so that later addresses differ between chains."""
        nonce = self.web3.eth.get_transaction_count(WHALE)
        self.rpc("anvil_setNonce", WHALE, hex(nonce + self.spec.nonce_gap))

    def approve(self, token: ChecksumAddress, spender: ChecksumAddress) -> None:
        """Approve `spender` for any amount of the whale's tokens."""
        functions = self.contract("BondToken", token).functions
        self.send(functions.approve(spender, _UNLIMITED))
