"""What happens on a chain, each event once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Protocol

from eth_typing import ChecksumAddress
from web3.types import LogReceipt

from scripts.network.chain import LocalChain


@dataclass(frozen=True)
class Event:
    """An event of a chain, with the transaction's hash as services write it."""

    chain: LocalChain
    transaction: str
    block: int
    address: ChecksumAddress
    topics: tuple[bytes, ...]
    data: bytes

    @property
    def confirmations(self) -> int:
        """Blocks that hold it, or stand on one that does."""
        return self.chain.web3.eth.block_number - self.block + 1


class Carrier(Protocol):
    """Somebody who carries money between chains."""

    def see(self, event: Event) -> None:
        """Take notice of an event."""
        ...

    def act(self) -> int:
        """Do what can be done now; answers how much that was."""
        ...

    def forget(self) -> None:
        """Forget what was seen and not done yet."""
        ...


@dataclass
class Feed:
    """The events of contracts since this was made, or last wound to the head."""

    chain: LocalChain
    addresses: Sequence[ChecksumAddress]
    _next: int = field(init=False)

    def __post_init__(self) -> None:
        self.wind()

    def wind(self) -> None:
        """Pass over everything until now."""
        self._next = self.chain.web3.eth.block_number + 1

    def fresh(self) -> list[Event]:
        """The events since the last time, oldest first."""
        head = self.chain.web3.eth.block_number
        first, self._next = self._next, head + 1
        if first > head:
            return []
        wanted = {"address": list(self.addresses), "fromBlock": first, "toBlock": head}
        return [self._event(log) for log in self.chain.web3.eth.get_logs(wanted)]  # pyright: ignore[reportArgumentType]

    def _event(self, log: LogReceipt) -> Event:
        return Event(
            self.chain,
            log["transactionHash"].to_0x_hex(),
            log["blockNumber"],
            log["address"],
            tuple(bytes(topic) for topic in log["topics"]),
            bytes(log["data"]),
        )
