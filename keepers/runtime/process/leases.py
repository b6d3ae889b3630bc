"""Leases of a process: how long they are, and their renewal while its loop goes round."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress

from keepers.config import Settings
from keepers.config.values import SQLITE_FILE
from keepers.model.errors.run import StoreUnavailableError
from keepers.store.leases import HeldLease, heartbeat

LEAST_SECONDS_ON_FILE = 60
"""On a file a lock says who works, and a restart has its leases at once: so they may be long."""

QUESTIONS = 2
"""Questions to a loop in the time that it may stand still, so that its last answer is never older
than that while it goes round, however seldom the lease is renewed."""


def lease_seconds(settings: Settings, seconds: int) -> int:
    """Return the seconds until a lease ends that is not renewed, on the settings' database."""
    if settings.database.startswith(SQLITE_FILE):
        return max(seconds, LEAST_SECONDS_ON_FILE)
    return seconds


class LoopPulse:
    """Liveness of an event loop, as another thread sees it."""

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_seconds: float) -> None:
        self._loop = loop
        self._patience_seconds = patience_seconds
        self._answered = time.monotonic()

    def alive(self) -> bool:
        """Return whether the loop answered one of the last requests in time, and send the next one.

        It has to be asked more often than it may stand still: an answer is as old as its question.
        """
        try:
            self._loop.call_soon_threadsafe(self._answer)
        except RuntimeError:
            return False  # it is closed
        return time.monotonic() - self._answered <= self._patience_seconds

    def _answer(self) -> None:
        self._answered = time.monotonic()


@contextmanager
def renewed(
    lease: HeldLease, patience_seconds: float, lost: Callable[[], object] | None = None
) -> Generator[None]:
    """Renew a lease while the running loop goes round.

    Args:
        lease: Acquired and released by whoever works under it.
        patience_seconds: How long the loop may stand still.
        lost: Called in the loop when the lease was lost.
    """
    loop = asyncio.get_running_loop()

    def tell() -> None:
        if lost is not None:
            with suppress(RuntimeError):  # the loop is closed
                loop.call_soon_threadsafe(lost)

    pulse, ask_seconds = LoopPulse(loop, patience_seconds), patience_seconds / QUESTIONS
    with heartbeat(lease, alive=pulse.alive, lost=tell, ask_seconds=ask_seconds):
        yield


@contextmanager
def kept(
    settings: Settings, lease: HeldLease, lost: Callable[[], object] | None = None
) -> Generator[HeldLease]:
    """Renew a lease as `renewed` does, and give it back at the end."""
    with renewed(lease, float(settings.service.heartbeat_seconds), lost):
        try:
            yield lease
        finally:
            with suppress(StoreUnavailableError):  # it ends by itself then
                lease.release()
