"""What a watcher needs of chain and database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from keepers.model.chain_events import (
    BlockCursor,
    Deposit,
    DepositScan,
    KnownLevel,
    Level,
    LevelKind,
    RecordedDeposit,
)


class Blocks(Protocol):
    """A chain's blocks, and a vault's deposits in them."""

    async def head(self) -> int:
        """The number of the newest block."""
        ...

    async def hash_at(self, block: int) -> str | None:
        """The hash of a block of the chain as it is now; None beyond its end."""
        ...

    async def deposits(self, first: int, last: int) -> DepositScan:
        """The deposits from one block to another, both included, of one chain that has them.

        Raises:
            RangeRefusedError: There are too many blocks or logs for the nodes.
            ChainError: They cannot be read now.
        """
        ...


class Gauge(Protocol):
    """Reads the levels of a vault's assets."""

    async def levels(self) -> tuple[Level, ...]:
        """Prices, and what can be claimed; a price that cannot be had is left out."""
        ...


class WatchLedger(Protocol):
    """What is known of one vault; each method is one transaction."""

    def places(self) -> tuple[BlockCursor, ...]:
        """The blocks up to which everything was read, the newest first."""
        ...

    def keep(self, found: Sequence[Deposit], until: BlockCursor) -> None:
        """Keep deposits, and up to where everything is read now."""
        ...

    def step_back(self, common: int) -> int:
        """What is above a block is gone; answers how many deposits were withdrawn."""
        ...

    def open_deposits(self) -> tuple[RecordedDeposit, ...]:
        """Deposits that no run was given, in the order of the chain."""
        ...

    def levels(self) -> Mapping[tuple[LevelKind, str], KnownLevel]:
        """From which values changes count, by the asset's symbol."""
        ...

    def rebalanced_at(self) -> datetime | None:
        """When a run last changed the tiers."""
        ...
