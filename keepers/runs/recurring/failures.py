"""Reads who could not be booked, from where an earlier look ended."""

from __future__ import annotations

import structlog

from keepers.model.chain_events import BlockCursor
from keepers.model.errors.chain import RangeRefusedError
from keepers.model.recurring import FailedBooking
from keepers.runs.recurring.ports import CursorStore, FailureLogs

LONGEST_RANGE = 2_000
"""Blocks of one request, as far as nodes give them."""

FAR = 100
"""Blocks back, for one that a flood of events has not reached."""

RANGES = 16
"""Requests of one read; after a long absence the next reads continue."""


_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


class FailureReader:
    """The keeper's `Failures`: events of blocks that are final, each once, but for a kill.

    What was read counts as read only when it was dealt with. A block that was read and is not in
    the chain any more is read again; if none of those that are remembered is there, events count
    from the newest block on. That loses nothing for good: the sweep finds what is stuck.

    Args:
        logs: The chain.
        places: What is known.
        confirmations: How many blocks have to be there from a block on, itself included.
    """

    def __init__(self, logs: FailureLogs, places: CursorStore, *, confirmations: int) -> None:
        self._logs = logs
        self._places = places
        self._confirmations = confirmations
        self._until: BlockCursor | None = None

    async def read(self) -> tuple[FailedBooking, ...]:
        """Return failures that are new and final; of long ranges a part."""
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
        """Keep the position of the last read, which is not read again."""
        if self._until is not None:
            self._places.keep(self._until)
        self._until = None

    async def _common(self) -> BlockCursor | None:
        """Return the newest block that was read and is in the chain."""
        for place in self._places.known():
            if await self._logs.hash_at(place.number) == place.block_hash:
                return place
        return None

    async def _read(self, first: int, final: int) -> tuple[tuple[FailedBooking, ...], int]:
        """Read as many blocks as the nodes give; returns the last of them too."""
        length = LONGEST_RANGE
        while True:
            last = min(final, first + length - 1)
            try:
                return await self._logs.failures(first, last), last
            except RangeRefusedError:
                if first == last and await self._gives_others(first, final):
                    # More events than a node gives of a block: the sweep finds what is stuck.
                    _log.warning("recurring events of a block left out", block=first)
                    return (), last
                if first == last:
                    raise
                length = (last - first + 1) // 2

    async def _gives_others(self, block: int, final: int) -> bool:
        """Return whether nodes give events of other blocks, so that only this one is refused."""
        for other in dict.fromkeys((block - 1, block + 1, block - FAR, final)):
            if not 0 <= other <= final or other == block:
                continue
            try:
                await self._logs.failures(other, other)
            except RangeRefusedError:
                continue
            return True
        return False
