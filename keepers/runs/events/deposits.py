"""Reader of a vault's deposits, block by block, each exactly once despite reorganisations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

import structlog

from keepers.model.chain_events import (
    BlockCursor,
    Deposit,
    DepositScan,
    KnownLevel,
    Level,
    LevelKind,
    RecordedDeposit,
)
from keepers.model.errors.chain import (
    BlockNotThereError,
    ChainInMotionError,
    RangeRefusedError,
)


class Blocks(Protocol):
    """A chain's blocks and a vault's deposits in them."""

    async def head(self) -> int:
        """Return the number of the newest block."""
        ...

    async def hash_at(self, block: int) -> str | None:
        """Return the hash of a block on the current chain; None beyond its end."""
        ...

    async def deposits(self, first: int, last: int) -> DepositScan:
        """Return the deposits in a range of blocks, both ends included, from one consistent chain.

        Raises:
            RangeRefusedError: The nodes refuse the range: too many blocks or logs.
            ChainError: The deposits cannot be read now.
        """
        ...


class Gauge(Protocol):
    """Reads the levels of a vault's assets."""

    async def levels(self) -> tuple[Level, ...]:
        """Return prices and claimable amounts; unavailable prices are left out."""
        ...


class ChainEventStore(Protocol):
    """Store of the deposits and levels of one vault; every method is one transaction."""

    def places(self) -> tuple[BlockCursor, ...]:
        """Return the cursors of fully read blocks, the newest first."""
        ...

    def keep(self, found: Sequence[Deposit], until: BlockCursor) -> None:
        """Store deposits and the new cursor."""
        ...

    def step_back(self, common: int) -> int:
        """Withdraw the deposits above the common block; return their number."""
        ...

    def open_deposits(self) -> tuple[RecordedDeposit, ...]:
        """Return the deposits not yet assigned to a run, in chain order."""
        ...

    def levels(self) -> Mapping[tuple[LevelKind, str], KnownLevel]:
        """Return the reference values of changes, by kind and asset symbol."""
        ...

    def rebalanced_at(self) -> datetime | None:
        """Return when a run last changed the tiers."""
        ...


LONGEST_RANGE = 2_000
"""Maximum number of blocks per request, if the nodes allow it."""

RANGES = 64
"""Maximum requests per read; after a long absence, later reads continue."""

ATTEMPTS = 3
"""Maximum returns to a common block per read."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class DepositReader:
    """Reads on from the last read block, stepping back after a reorganisation.

    Deposits count from the first read on. Only blocks with enough confirmations are read.

    Args:
        blocks: The chain.
        store: Store of the vault's events.
        confirmations: Required confirmations of a block, the block itself included.
        longest_range: Maximum number of blocks per request.
    """

    def __init__(
        self,
        blocks: Blocks,
        store: ChainEventStore,
        *,
        confirmations: int,
        longest_range: int = LONGEST_RANGE,
    ) -> None:
        self._blocks = blocks
        self._store = store
        self._confirmations = confirmations
        self._longest = longest_range
        self._range = longest_range

    async def catch_up(self) -> bool:
        """Read final blocks; return whether all of them are read.

        Raises:
            BlockNotThereError: The last read block is missing and no other block has its number.
            ChainInMotionError: The chain was reorganised several times during the read.
            ChainError: The chain cannot be read now.
        """
        self._range = min(self._range * 2, self._longest)
        final = await self._blocks.head() - self._confirmations + 1
        cursor = await self._common()
        backs = 0
        for _ in range(RANGES):
            if cursor is None:
                return await self._begin(final)
            if cursor.number >= final:
                return True
            reading = await self._read(cursor.number + 1, final)
            if cursor.block_hash == reading.parent_hash:
                self._store.keep(reading.found, reading.last)
                cursor = reading.last
                continue
            backs += 1
            if backs == ATTEMPTS:
                raise ChainInMotionError(cursor.number)
            cursor = await self._common()
        return False

    async def _begin(self, final: int) -> bool:
        """Start at the newest final block; later deposits count."""
        block_hash = await self._blocks.hash_at(final) if final >= 0 else None
        if block_hash is not None:
            self._store.keep((), BlockCursor(final, block_hash))
        return block_hash is not None

    async def _common(self) -> BlockCursor | None:
        """Return the newest read block that is still in the chain; withdraw deposits above it."""
        cursors = self._store.places()
        for cursor in cursors:
            present = await self._blocks.hash_at(cursor.number)
            if present is None and cursor == cursors[0]:
                raise BlockNotThereError(cursor.number)
            if present == cursor.block_hash:
                self._back_to(cursor.number, cursors[0].number)
                return cursor
        return await self._read_again(cursors) if cursors else None

    async def _read_again(self, cursors: tuple[BlockCursor, ...]) -> BlockCursor | None:
        """Read all known blocks again from the oldest, since none is in the chain any more."""
        before = cursors[-1].number - 1
        block_hash = await self._blocks.hash_at(before) if before >= 0 else None
        cursor = None if block_hash is None else BlockCursor(before, block_hash)
        if cursor is not None:
            self._store.keep((), cursor)  # before the others go, so that a kill loses no block
        self._back_to(before, cursors[0].number)
        return cursor

    def _back_to(self, common: int, cursor: int) -> None:
        if common < cursor:
            withdrawn = self._store.step_back(common)
            _log.warning("chain_reorganised", common=common, read=cursor, withdrawn=withdrawn)

    async def _read(self, first: int, final: int) -> DepositScan:
        """Read as many blocks as the nodes allow: fewer after a refusal, more again later."""
        while True:
            last = min(final, first + self._range - 1)
            try:
                return await self._blocks.deposits(first, last)
            except RangeRefusedError:
                if first == last:
                    raise
                self._range = (last - first + 1) // 2
