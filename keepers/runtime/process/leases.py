"""Leases of a process: their length, and their renewal while the event loop runs."""

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
"""On a file, a lock decides who works, and a restart gets its leases at once: they may be long."""

QUESTIONS = 2
"""Requests to a loop within the time that it may block, so that its last response is never older
than that while it runs, however rarely the lease is renewed."""


def lease_seconds(settings: Settings, seconds: int) -> int:
    """Return the seconds after which an unrenewed lease ends, on the settings' database."""
    if settings.database.startswith(SQLITE_FILE):
        return max(seconds, LEAST_SECONDS_ON_FILE)
    return seconds


class LoopPulse:
    """Liveness of an event loop, as seen from another thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop, patience_seconds: float) -> None:
        self._loop = loop
        self._patience_seconds = patience_seconds
        self._answered = time.monotonic()

    def alive(self) -> bool:
        """Return whether the loop answered a recent request in time, and send the next one.

        Must be called more often than the loop may block: a response is as old as its request.
        """
        try:
            self._loop.call_soon_threadsafe(self._answer)
        except RuntimeError:
            return False  # the loop is closed
        return time.monotonic() - self._answered <= self._patience_seconds

    def _answer(self) -> None:
        self._answered = time.monotonic()


@contextmanager
def renewed(
    lease: HeldLease, patience_seconds: float, lost: Callable[[], object] | None = None
) -> Generator[None]:
    """Renew a lease while the running loop responds.

    Args:
        lease: The lease; the caller acquires and releases it.
        patience_seconds: Time that the loop may block.
        lost: Called in the loop when the lease is lost.
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
    """Renew a lease as `renewed` does, and release it at the end."""
    with renewed(lease, float(settings.service.heartbeat_seconds), lost):
        try:
            yield lease
        finally:
            with suppress(StoreUnavailableError):  # the lease then expires by itself
                lease.release()
