"""Messages of external bridges, made on a fork in place of their attesters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from eth_account import Account
from eth_account.signers.local import LocalAccount
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from web3 import Web3
from web3.contract import Contract
from web3.types import RPCEndpoint

from scripts.network.bridging.relayer import COMPOSE_SENT
from tests.fork.interfaces import ENDPOINT, OFT, TRANSMITTER

RICH = hex(10**20)


@dataclass(frozen=True)
class Forger:
    """Sender that may use any account on a fork."""

    web3: Web3

    def contract(self, address: str, abi: list[dict[str, Any]]) -> Contract:
        """Return an external contract."""
        return self.web3.eth.contract(to_checksum_address(address), abi=abi)

    def send(self, sender: str, contract: Contract, function: str, *arguments: Any) -> Any:
        """Send a call from any account."""
        self._rpc("anvil_setBalance", sender, RICH)
        self._rpc("anvil_impersonateAccount", sender)
        hash_ = contract.functions[function](*arguments).transact(
            {"from": to_checksum_address(sender)}
        )
        receipt = self.web3.eth.wait_for_transaction_receipt(hash_)
        assert receipt["status"] == 1, f"{function} reverted"
        return receipt

    def become_attester(self, transmitter: str) -> Callable[[bytes], bytes]:
        """Replace Circle's attesters; return the function that attests a message."""
        contract = self.contract(transmitter, TRANSMITTER)
        manager, attester = contract.functions.attesterManager().call(), Account.create()
        self.send(manager, contract, "enableAttester", attester.address)
        if contract.functions.signatureThreshold().call() != 1:
            self.send(manager, contract, "setSignatureThreshold", 1)
        return lambda message: _signed(attester, message)

    def deliver_oft(self, endpoint: str, oft: str, eid: int, message: bytes) -> None:
        """Verify, deliver and compose a packet from another chain's OFT."""
        contract = self.contract(endpoint, ENDPOINT)
        peer = self.contract(oft, OFT).functions.peers(eid).call()
        library = contract.functions.defaultReceiveLibrary(eid).call()
        nonce = contract.functions.inboundNonce(oft, eid, peer).call() + 1
        origin, guid = (eid, peer, nonce), keccak(text=f"{eid} {nonce}")
        self.send(library, contract, "verify", origin, oft, keccak(guid + message))
        executor = Account.create().address
        receipt = self.send(executor, contract, "lzReceive", origin, oft, guid, message, b"")
        types = ["address", "address", "bytes32", "uint16", "bytes"]
        for log in receipt["logs"]:
            if bytes(log["topics"][0]) == COMPOSE_SENT:
                whom = self.web3.codec.decode(types, bytes(log["data"]))
                source, to = (to_checksum_address(each) for each in whom[:2])
                self.send(executor, contract, "lzCompose", source, to, *whom[2:], b"")

    def _rpc(self, method: str, *parameters: Any) -> None:
        self.web3.manager.request_blocking(RPCEndpoint(method), list(parameters))


def _signed(attester: LocalAccount, message: bytes) -> bytes:
    return bytes(Account.unsafe_sign_hash(keccak(message), attester.key).signature)
