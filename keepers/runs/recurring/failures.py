"""Reader of failed bookings, resuming where the last read ended."""

from __future__ import annotations

import structlog

from keepers.model.chain_events import BlockCursor
from keepers.model.errors.chain import RangeRefusedError
from keepers.model.recurring import FailedBooking
from keepers.runs.recurring.ports import CursorStore, FailureLogs

LONGEST_RANGE = 2_000
"""Maximum number of blocks per request, if the nodes allow it."""

FAR = 100
"""Number of blocks back to one that a flood of events has not reached."""

RANGES = 16
"""Maximum requests per read; after a long absence, later reads continue."""


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class FailureReader:
    """The keeper's reader of failures in final blocks; each event is read once, unless killed.

    Events count as read only after they are handled. Blocks that were reorganised are read again.
    If none of the stored blocks is in the chain, events count from the newest block on. Nothing is
    lost for good, since the sweep finds stuck jobs.

    Args:
        logs: The chain.
        places: Store of the read blocks.
        confirmations: Required confirmations of a block, the block itself included.
    """

    def __init__(self, logs: FailureLogs, places: CursorStore, *, confirmations: int) -> None:
        self._logs = logs
        self._places = places
        self._confirmations = confirmations
        self._until: BlockCursor | None = None

    async def read(self) -> tuple[FailedBooking, ...]:
        """Return new, final failures; part of them if the range is long."""
        final = await self._logs.head() - self._confirmations + 1
        start = await self._common()
        found: list[FailedBooking] = []
        last = final if start is None else start.number
        for _ in range(RANGES):
            if last >= final:
                break
            more, last = await self._read(last + 1, final)
            found += more
        block_hash = await self._logs.hash_at(last) if last >= 0 else None
        is_new = start is None or last > start.number
        self._until = BlockCursor(last, block_hash) if block_hash is not None and is_new else None
        return tuple(dict.fromkeys(found))

    def dealt_with(self) -> None:
        """Store the position of the last read, so that it is not read again."""
        if self._until is not None:
            self._places.keep(self._until)
        self._until = None

    async def _common(self) -> BlockCursor | None:
        """Return the newest read block that is in the chain, or None."""
        for place in self._places.known():
            if await self._logs.hash_at(place.number) == place.block_hash:
                return place
        return None

    async def _read(self, first: int, final: int) -> tuple[tuple[FailedBooking, ...], int]:
        """Read as many blocks as the nodes allow; return the failures and the last block read."""
        length = LONGEST_RANGE
        while True:
            last = min(final, first + length - 1)
            try:
                return await self._logs.failures(first, last), last
            except RangeRefusedError:
                if first == last and await self._gives_others(first, final):
                    # One block has more events than a node returns; the sweep finds stuck jobs.
                    _log.warning("recurring events of a block left out", block=first)
                    return (), last
                if first == last:
                    raise
                length = (last - first + 1) // 2

    async def _gives_others(self, block: int, final: int) -> bool:
        """Return whether nodes return events of other blocks, so that only this one is refused."""
        for other in dict.fromkeys((block - 1, block + 1, block - FAR, final)):
            if not 0 <= other <= final or other == block:
                continue
            try:
                await self._logs.failures(other, other)
            except RangeRefusedError:
                continue
            return True
        return False
