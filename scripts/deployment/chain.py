"""Chain access of the deployment: read, deploy, call. One account sends everything."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from eth_abi.abi import decode, encode
from eth_abi.exceptions import DecodingError
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak
from hexbytes import HexBytes
from web3 import Web3
from web3.contract import Contract
from web3.exceptions import BadFunctionCallOutput, ContractLogicError
from web3.types import TxParams, TxReceipt

from scripts.deployment.errors import DeploymentError
from scripts.deployment.views import View, view_of

ROOT = Path(__file__).resolve().parents[2]
ACCESS_MANAGER = ROOT / "node_modules/@openzeppelin/contracts/build/contracts/AccessManager.json"


def number_view(name: str) -> dict[str, Any]:
    """Return the interface of a view without arguments that returns a number."""
    return {
        "type": "function",
        "name": name,
        "inputs": [],
        "outputs": [{"name": "", "type": "uint256"}],
        "stateMutability": "view",
    }


@dataclass(frozen=True)
class Artifact:
    """Compiled contract."""

    abi: list[dict[str, Any]]
    bytecode: str


class Artifacts(Protocol):
    """Source of compiled contracts: ape's project, or forge's output."""

    def __call__(self, name: str) -> Artifact:
        """Return the artifact of the contract `name`."""
        ...


@cache
def packaged_access_manager() -> Artifact:
    """Return OpenZeppelin's AccessManager, as compiled in its package."""
    content = json.loads(ACCESS_MANAGER.read_text())
    return Artifact(content["abi"], content["bytecode"])


@cache
def forge_artifact(name: str) -> Artifact:
    """Return a contract compiled by forge."""
    if name == "AccessManager":
        return packaged_access_manager()
    content = json.loads((ROOT / "out" / f"{name}.sol" / f"{name}.json").read_text())
    return Artifact(content["abi"], content["bytecode"]["object"])


@dataclass(frozen=True)
class Chain:
    """Chain with one account. `submit` signs, sends and waits; it raises if the call reverts."""

    web3: Web3
    sender: str
    submit: Callable[[TxParams], TxReceipt]
    artifacts: Artifacts
    _contracts: dict[tuple[str, str], Contract] = field(
        default_factory=dict[tuple[str, str], Contract], repr=False, compare=False
    )
    _views: dict[tuple[str, str, int], View] = field(
        default_factory=dict[tuple[str, str, int], View], repr=False, compare=False
    )

    def contract(self, artifact: str, address: str) -> Contract:
        """Return a contract to read from; cached, because web3 parses interfaces slowly."""
        key = (artifact, address)
        if key not in self._contracts:
            self._contracts[key] = self.web3.eth.contract(
                to_checksum_address(address), abi=self.artifacts(artifact).abi
            )
        return self._contracts[key]

    def read(self, artifact: str, address: str, function: str, *arguments: object) -> Any:  # noqa: ANN401 - type from the ABI
        """Call a view of a contract with the given artifact.

        Raises:
            web3's errors, if the contract reverts or has no such view.
        """
        key = (artifact, function, len(arguments))
        if key not in self._views:
            abi = self.artifacts(artifact).abi
            self._views[key] = view_of(abi, function, len(arguments))
        answers = self._views[key].ask(self.web3, address, arguments)
        if answers is None:
            return self.contract(artifact, address).functions[function](*arguments).call()
        return answers[0] if len(answers) == 1 else list(answers)

    def code_hash(self, address: str) -> str:
        """Return the Keccak-256 of the code at `address`; of empty bytes if there is none."""
        return Web3.to_hex(Web3.keccak(self.web3.eth.get_code(to_checksum_address(address))))

    def decimals(self, address: str, whose: str) -> int:
        """Return the decimals of a token or an aggregator.

        Raises:
            DeploymentError: There is no contract, or it has no decimals; it names `whose`.
        """
        return self.number(address, "decimals", whose)

    def number(self, address: str, view: str, whose: str) -> int:
        """Return the result of a view of an external contract.

        Raises:
            DeploymentError: There is no contract, or it has no such view; it names `whose`.
        """
        there = to_checksum_address(address)
        if not self.web3.eth.get_code(there):
            raise DeploymentError(f"{whose}: the chain has no contract at {there}")
        contract: Contract = self.web3.eth.contract(there, abi=[number_view(view)])
        try:
            return contract.functions[view]().call()
        except (ContractLogicError, BadFunctionCallOutput) as error:
            raise DeploymentError(f"{whose}: the contract at {there} has no {view}") from error

    def has_code(self, address: str) -> bool:
        """Return whether there is a contract at an address."""
        return bool(self.web3.eth.get_code(to_checksum_address(address)))

    def ask(self, address: str, signature: str, answer: str, *arguments: object) -> Any:  # noqa: ANN401 - type of the given answer
        """Call a view of an external contract, such as `decimals()`.

        Return None if the contract has no such view.
        """
        kinds = [kind for kind in signature.partition("(")[2].rstrip(")").split(",") if kind]
        data = keccak(text=signature)[:4] + encode(kinds, arguments)
        try:
            said = self.web3.eth.call({"to": to_checksum_address(address), "data": HexBytes(data)})
            (value,) = decode([answer], said)
        except (ContractLogicError, DecodingError):
            return None
        return to_checksum_address(value) if answer == "address" else value

    def deploy(self, artifact: str, arguments: Sequence[Any]) -> TxReceipt:
        """Deploy a contract and return the receipt."""
        compiled = self.artifacts(artifact)
        factory = self.web3.eth.contract(abi=compiled.abi, bytecode=HexBytes(compiled.bytecode))
        data = factory.constructor(*arguments).data_in_transaction
        return self.submit({"from": to_checksum_address(self.sender), "data": data})

    def call(self, target: str, data: str) -> TxReceipt:
        """Send a call and return the receipt."""
        checksummed = to_checksum_address(target)
        return self.submit(
            {"from": to_checksum_address(self.sender), "to": checksummed, "data": HexBytes(data)}
        )


POLL_SECONDS = 0.005  # a development node mines immediately


def unlocked_chain(web3: Web3, sender: str, artifacts: Artifacts = forge_artifact) -> Chain:
    """Return a chain whose node signs for `sender`, as a development node does."""

    def submit(transaction: TxParams) -> TxReceipt:
        sent = web3.eth.send_transaction(transaction)
        receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=POLL_SECONDS)
        if receipt["status"] != 1:
            raise DeploymentError(f"transaction {receipt['transactionHash'].to_0x_hex()} reverted")
        return receipt

    return Chain(web3, sender, submit, artifacts)
