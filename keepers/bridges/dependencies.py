"""What bridges need of the world: time, a chain to look at, and a record of what they do."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from keepers.model.chain import Log, Receipt


class Clock(Protocol):
    """Time, which tests set."""

    def now(self) -> datetime:
        """The time, aware, in UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds from any beginning."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        ...


class ChainReader(Protocol):
    """One chain, as bridges look at it; every method may raise a `ChainError`."""

    async def contract_block(self) -> int:
        """The number that contracts see as the newest block's: on Arbitrum it is Ethereum's."""
        ...

    async def receipt(self, transaction_hash: str) -> Receipt | None:
        """A receipt of the chain as it is now; None without one."""
        ...

    async def logs(
        self, address: str, topics: Sequence[str | None], from_block: int
    ) -> Sequence[Log]:
        """Events of a contract since a block, oldest first; None stands for any topic."""
        ...

    async def call(self, target: str, data: bytes) -> bytes:
        """What a contract answers; raises `CallRevertedError` if it reverts."""
        ...
