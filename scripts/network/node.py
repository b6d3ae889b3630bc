"""Node of a chain: requests, transactions from its unlocked accounts, deployments, time."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from eth_typing import ChecksumAddress, HexStr
from web3 import Web3
from web3.contract import Contract
from web3.contract.contract import ContractFunction
from web3.types import RPCEndpoint, TxReceipt

from scripts.network.accounts import WHALE
from scripts.network.artifacts import load
from scripts.network.errors import RpcError, TransactionFailedError
from scripts.network.session import direct_session

# Fixed, because estimating each transaction doubles the time of the set-up. EIP-7825 allows 2**24.
GAS_LIMIT = 16_000_000


@dataclass(frozen=True, eq=False)
class Node:
    """Anvil at an address; `artifacts` is the folder of our own compiled contracts."""

    url: str
    artifacts: Path

    @cached_property
    def web3(self) -> Web3:
        """Return a client without retries: if a test network does not respond, it has failed."""
        return Web3(
            Web3.HTTPProvider(
                self.url,
                request_kwargs={"timeout": 60},
                session=direct_session(),
                exception_retry_configuration=None,
                # The library requests the chain id before and after every read.
                cache_allowed_requests=True,
                cacheable_requests={RPCEndpoint("eth_chainId")},
            )
        )

    def rpc(self, method: str, *params: object) -> Any:  # noqa: ANN401 - what the node answers
        """Send one request; an error in the response raises `RpcError`."""
        answer = self.web3.provider.make_request(RPCEndpoint(method), list(params))
        error = answer.get("error")
        if error is None:
            return answer.get("result")
        if isinstance(error, str):
            raise RpcError(method, 0, error)
        raise RpcError(method, error["code"], error["message"], error.get("data"))

    def contract(self, name: str, address: ChecksumAddress) -> Contract:
        """Return the contract at `address`, with the interface of the contract `name`."""
        if name not in self._factories:
            abi = cast("Any", load(name, self.artifacts).abi)
            self._factories[name] = self.web3.eth.contract(abi=abi)
        return self._factories[name](address=address)

    def deploy(
        self, name: str, *arguments: object, libraries: Mapping[str, str] | None = None
    ) -> ChecksumAddress:
        """Deploy from the whale's account; return the address."""
        artifact = load(name, self.artifacts)
        factory = self.web3.eth.contract(
            abi=cast("Any", artifact.abi), bytecode=artifact.linked(libraries or {})
        )
        receipt = self.transact(factory.constructor(*arguments).data_in_transaction, what=name)
        return cast("ChecksumAddress", receipt["contractAddress"])

    def send(
        self, call: ContractFunction, *, sender: ChecksumAddress = WHALE, value: int = 0
    ) -> TxReceipt:
        """Send a contract call from an unlocked account; return the receipt."""
        data = cast("str", call._encode_transaction_data())  # noqa: SLF001 # pyright: ignore[reportPrivateUsage]
        return self.transact(data, to=call.address, sender=sender, value=value, what=call.fn_name)

    def transact(
        self,
        data: object,
        *,
        to: ChecksumAddress | None = None,
        sender: ChecksumAddress = WHALE,
        value: int = 0,
        what: str,
    ) -> TxReceipt:
        """Send a transaction with given data; a revert raises `TransactionFailedError`."""
        request: dict[str, object] = {
            "from": sender,
            "data": data,
            "value": hex(value),
            "gas": hex(GAS_LIMIT),
        }
        if to is not None:
            request["to"] = to
        mined = cast("dict[str, str]", self.rpc("eth_sendTransactionSync", request))
        if int(mined["status"], 16) != 1:
            raise TransactionFailedError(what, mined["transactionHash"], self._reason(request))
        return self.web3.eth.get_transaction_receipt(HexStr(mined["transactionHash"]))

    def timestamp(self) -> int:
        """Return the time of the newest block."""
        return self.web3.eth.get_block("latest").get("timestamp", 0)

    def mine(self, blocks: int = 1) -> None:
        """Mine empty blocks."""
        self.rpc("anvil_mine", hex(blocks))

    def set_time(self, timestamp: int) -> None:
        """Mine a block at `timestamp`, or at the next possible time."""
        self.rpc("evm_setNextBlockTimestamp", max(timestamp, self.timestamp() + 1))
        self.mine()

    def _reason(self, request: dict[str, object]) -> str:
        try:
            self.rpc("eth_call", request, "latest")
        except RpcError as error:
            return f"{error} {error.data or ''}"
        return "the same call succeeds now: out of gas, or the state has changed"

    @cached_property
    def _factories(self) -> dict[str, type[Contract]]:
        return {}
