"""A chain as the deployment uses it: read, deploy, call. One account sends everything."""

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
    """The interface of a view without arguments that answers a number."""
    return {
        "type": "function",
        "name": name,
        "inputs": [],
        "outputs": [{"name": "", "type": "uint256"}],
        "stateMutability": "view",
    }


@dataclass(frozen=True)
class Artifact:
    """A compiled contract."""

    abi: list[dict[str, Any]]
    bytecode: str


class Artifacts(Protocol):
    """Source of compiled contracts: ape's project, or forge's output."""

    def __call__(self, name: str) -> Artifact:
        """The artifact of the contract `name`."""
        ...


@cache
def packaged_access_manager() -> Artifact:
    """OpenZeppelin's AccessManager as its package ships it, compiled."""
    content = json.loads(ACCESS_MANAGER.read_text())
    return Artifact(content["abi"], content["bytecode"])


@cache
def forge_artifact(name: str) -> Artifact:
    """A contract as forge compiled it."""
    if name == "AccessManager":
        return packaged_access_manager()
    content = json.loads((ROOT / "out" / f"{name}.sol" / f"{name}.json").read_text())
    return Artifact(content["abi"], content["bytecode"]["object"])


@dataclass(frozen=True)
class Chain:
    """A chain seen through one account. `submit` signs, sends and awaits; it raises on a revert."""

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
        """A contract to read from; made once, since web3 takes its time over an interface."""
        key = (artifact, address)
        if key not in self._contracts:
            self._contracts[key] = self.web3.eth.contract(
                to_checksum_address(address), abi=self.artifacts(artifact).abi
            )
        return self._contracts[key]

    def read(self, artifact: str, address: str, function: str, *arguments: object) -> Any:  # noqa: ANN401 - as the ABI says
        """Call a view, by the name of its contract's artifact.

        Raises:
            web3's errors, where the contract refuses or has no such view.
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
        """Keccak-256 of the code at `address`; of nothing where there is none."""
        return Web3.to_hex(Web3.keccak(self.web3.eth.get_code(to_checksum_address(address))))

    def decimals(self, address: str, whose: str) -> int:
        """Decimals of a token or an aggregator.

        Raises:
            DeploymentError: no contract is there, or one without decimals; it names `whose`.
        """
        return self.number(address, "decimals", whose)

    def number(self, address: str, view: str, whose: str) -> int:
        """Result of a view of an external contract.

        Raises:
            DeploymentError: no contract is there, or one without the view; it names `whose`.
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
        """Whether there is a contract."""
        return bool(self.web3.eth.get_code(to_checksum_address(address)))

    def ask(self, address: str, signature: str, answer: str, *arguments: object) -> Any:  # noqa: ANN401 - as asked
        """Call a view of a contract that is not ours, as `decimals()`.

        Answers None where the contract has no such view.
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
        """Send a call."""
        checksummed = to_checksum_address(target)
        return self.submit(
            {"from": to_checksum_address(self.sender), "to": checksummed, "data": HexBytes(data)}
        )


POLL_SECONDS = 0.005  # a development node mines at once


def unlocked_chain(web3: Web3, sender: str, artifacts: Artifacts = forge_artifact) -> Chain:
    """A chain whose node signs for `sender`, as a development node does."""

    def submit(transaction: TxParams) -> TxReceipt:
        sent = web3.eth.send_transaction(transaction)
        receipt = web3.eth.wait_for_transaction_receipt(sent, poll_latency=POLL_SECONDS)
        if receipt["status"] != 1:
            raise DeploymentError(f"transaction {receipt['transactionHash'].to_0x_hex()} reverted")
        return receipt

    return Chain(web3, sender, submit, artifacts)
