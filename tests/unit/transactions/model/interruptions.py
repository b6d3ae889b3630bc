"""Points at which a process dies, stalls or loses its database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from keepers.model.errors.run import StoreUnavailableError


class Crash(BaseException):
    """The process is killed."""


@dataclass
class Interruptions:
    """Interruptions of one process; each counts down the points until it happens.

    Attributes:
        crash_in: Points until the process is killed: before, inside and after each write, and
            around sending.
        fail_in: Writes until the database does not respond.
        stall_in: Points until the process stalls, as on a machine that swaps or is migrated.
    """

    crash_in: int | None = None
    fail_in: int | None = None
    stall_in: int | None = None
    standing: asyncio.Event = field(default_factory=asyncio.Event)
    may_go_on: asyncio.Event = field(default_factory=asyncio.Event)

    def clear(self) -> None:
        """Cancel all interruptions."""
        self.crash_in = self.fail_in = self.stall_in = None

    def at(self, point: str) -> None:
        """Pass a point at which the process may be killed."""
        if self.crash_in is not None:
            self.crash_in -= 1
            if self.crash_in < 0:
                self.clear()
                raise Crash(point)
        if self.fail_in is not None and point.startswith("before_"):
            self.fail_in -= 1
            if self.fail_in < 0:
                self.clear()
                raise StoreUnavailableError("the disk is full")

    async def stand(self) -> None:
        """Pass a point at which the process may stall."""
        if self.stall_in is None:
            return
        self.stall_in -= 1
        if self.stall_in < 0:
            self.clear()
            self.may_go_on.clear()
            self.standing.set()
            await self.may_go_on.wait()
            self.standing.clear()
