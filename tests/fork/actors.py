"""A depositor and a keeper on a fork, where the node signs for the test accounts."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from eth_utils.abi import abi_to_signature, function_signature_to_4byte_selector
from eth_utils.address import to_checksum_address
from hexbytes import HexBytes
from web3.contract import Contract
from web3.exceptions import ContractCustomError
from web3.logs import DISCARD
from web3.types import RPCEndpoint, TxReceipt

from scripts.deployment.local import KEEPER
from scripts.deployment.vault.deployment import ManagedVault
from scripts.deployment.vault.parts import Holding, HoldingKind
from scripts.network.accounts import test_account

DEPOSITOR = test_account(5).address
GAS_LIMIT = 15_000_000  # gas for a run that may be skipped halfway; an estimate is too low
ERC20_ABI: list[dict[str, Any]] = [
    {
        "type": "function",
        "name": name,
        "inputs": [{"name": f"a{i}", "type": kind} for i, kind in enumerate(inputs)],
        "outputs": [{"name": "", "type": output}] if output else [],
        "stateMutability": mutability,
    }
    for name, inputs, output, mutability in (
        ("balanceOf", ("address",), "uint256", "view"),
        ("allowance", ("address", "address"), "uint256", "view"),
        ("approve", ("address", "uint256"), "", "nonpayable"),
    )
]


@dataclass(frozen=True)
class Treasury:
    """Deployed contracts with the calls that tests make."""

    deployment: ManagedVault

    def rpc(self, method: str, *parameters: Any) -> Any:
        """Call the node; raise on an error answer."""
        web3 = self.deployment.chain.web3
        return web3.manager.request_blocking(RPCEndpoint(method), list(parameters))

    def contract(self, name: str) -> Contract:
        return self.deployment.contract(name)

    def token(self, symbol: str) -> Contract:
        address = self.deployment.config.address(symbol)
        web3 = self.deployment.chain.web3
        return web3.eth.contract(to_checksum_address(address), abi=ERC20_ABI)

    def read(self, name: str, function: str, *arguments: Any) -> Any:
        return self.deployment.read(name, function, *arguments)

    def send(self, sender: str, contract: Contract, function: str, *arguments: Any) -> TxReceipt:
        """Send a call; a call that would revert raises with its data before anything is sent."""
        data = contract.encode_abi(function, args=list(arguments))
        web3 = self.deployment.chain.web3
        transaction: Any = {
            "from": sender,
            "to": contract.address,
            "data": HexBytes(data),
            "gas": GAS_LIMIT,
        }
        web3.eth.call(transaction)
        receipt = web3.eth.wait_for_transaction_receipt(web3.eth.send_transaction(transaction))
        assert receipt["status"] == 1
        return receipt

    def keep(self, function: str, *arguments: Any) -> TxReceipt:
        """Call the controller as the keeper."""
        keeper = test_account(KEEPER).address
        return self.send(keeper, self.contract("AssetController"), function, *arguments)

    def deposit(self, amount: int) -> None:
        """Give the depositor settlement tokens, deposit them, and wait until they can leave."""
        settlement = self.token(self.deployment.config.vault.settlement)
        vault = self.contract("LiquidityVault")
        self.rpc("anvil_dealERC20", DEPOSITOR, settlement.address, hex(amount))
        self.send(DEPOSITOR, settlement, "approve", vault.address, amount)
        self.send(DEPOSITOR, vault, "deposit", amount, DEPOSITOR)
        self.rpc("evm_increaseTime", self.read("LiquidityVault", "holdingTime"))
        self.rpc("evm_mine")

    def event(self, receipt: TxReceipt, name: str, event: str) -> dict[str, Any]:
        """Return the arguments of the only `event` of a contract in a receipt."""
        kind = self.contract(name).events[event]()
        (found,) = kind.process_receipt(receipt, errors=DISCARD)
        return dict(found["args"])

    @contextmanager
    def refused(self, name: str, error: str, *expected: Any) -> Generator[None]:
        """Require a revert with a contract's error whose first arguments are `expected`."""
        entry = self._error(name, error)
        with pytest.raises(ContractCustomError) as caught:
            yield
        data = HexBytes(str(caught.value.data))
        assert data[:4] == self.selector(name, error), data.to_0x_hex()
        types = [each["type"] for each in entry.get("inputs", ())]
        arguments = self.deployment.chain.web3.codec.decode(types, data[4:])
        assert arguments[: len(expected)] == expected

    def selector(self, name: str, error: str) -> bytes:
        """Return the selector of a contract's error."""
        return function_signature_to_4byte_selector(abi_to_signature(self._error(name, error)))

    def _error(self, name: str, error: str) -> Any:
        abi = self.contract(name).abi
        return next(each for each in abi if each["type"] == "error" and each["name"] == error)

    def tiers(self) -> list[int]:
        return list(self.read("AssetController", "tierValues"))

    def holding(self, kind: HoldingKind) -> Holding:
        """Return the first holding of a kind; L2 is searched before L3."""
        config = self.deployment.config
        return next(each for each in (*config.l2, *config.l3) if each.kind is kind)
