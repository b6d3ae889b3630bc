"""Events of a chain, each once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

import requests
from eth_typing import ChecksumAddress
from web3.types import FilterParams, LogReceipt

from scripts.network.chain import LocalChain
from scripts.network.session import direct_session

ANSWER_SECONDS = 2.0
"""Seconds that a chain has to respond before it is skipped."""

DEPTH = 64
"""Blocks that a reorganisation may remove."""


@dataclass(frozen=True)
class Event:
    """An event of a chain, with the transaction's hash as services write it."""

    chain: LocalChain
    transaction: str
    address: ChecksumAddress
    topics: tuple[bytes, ...]
    data: bytes

    @property
    def block(self) -> int | None:
        """Return the block that contains it now; None if a reorganisation removed it."""
        receipt = self.chain.rpc("eth_getTransactionReceipt", self.transaction)
        return None if receipt is None else int(receipt["blockNumber"], 16)

    @property
    def confirmations(self) -> int:
        """Return the number of confirmations; 0 if the event is no longer in the chain."""
        block = self.block
        return 0 if block is None else self.chain.web3.eth.block_number - block + 1


class Carrier(Protocol):
    """Carrier of money between chains."""

    def see(self, event: Event) -> None:
        """Record an event."""
        ...

    def act(self) -> int:
        """Execute what is possible now; return the number of actions."""
        ...

    def forget(self) -> None:
        """Forget recorded events."""
        ...


@dataclass
class Feed:
    """Events of contracts since creation, or since the last skip to the head.

    The last blocks are read again whenever the head has changed: after a reorganisation they have
    other transactions, or the same ones in other blocks.
    """

    chain: LocalChain
    addresses: Sequence[ChecksumAddress]
    _first: int = field(init=False)
    _head: tuple[int, str] = field(init=False)
    _seen: set[tuple[str, int]] = field(default_factory=set[tuple[str, int]])

    def __post_init__(self) -> None:
        self.wind()

    def wind(self) -> None:
        """Skip all events until now."""
        self._head = self._newest()
        self._first = self._head[0] + 1
        self._seen.clear()

    def answers(self) -> bool:
        """Return whether the chain responds at once."""
        request = {"jsonrpc": "2.0", "id": 1, "method": "eth_chainId"}
        try:
            direct_session().post(self.chain.url, json=request, timeout=ANSWER_SECONDS)
        except (requests.ConnectionError, requests.Timeout):
            return False
        return True

    def fresh(self) -> list[Event]:
        """Return the events since the last call, oldest first, each once."""
        before, self._head = self._head, self._newest()
        if before == self._head:
            return []
        number = self._head[0]
        first = max(self._first, min(before[0], number) + 1 - DEPTH)
        if first > number:
            return []
        wanted: FilterParams = {"address": [*self.addresses], "fromBlock": first, "toBlock": number}
        places: Counter[str] = Counter()
        found: list[Event] = []
        for log in self.chain.web3.eth.get_logs(wanted):
            event = self._event(log)
            key = (event.transaction, places[event.transaction])
            places[event.transaction] += 1
            if key not in self._seen:
                self._seen.add(key)
                found.append(event)
        return found

    def _newest(self) -> tuple[int, str]:
        block = self.chain.rpc("eth_getBlockByNumber", "latest", False)  # noqa: FBT003 - without transactions
        return int(block["number"], 16), block["hash"]

    def _event(self, log: LogReceipt) -> Event:
        return Event(
            self.chain,
            log["transactionHash"].to_0x_hex(),
            log["address"],
            tuple(bytes(topic) for topic in log["topics"]),
            bytes(log["data"]),
        )
