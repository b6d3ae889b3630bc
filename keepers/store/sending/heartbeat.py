"""Heartbeat of a lease: a thread renews it for as long as its holder is alive."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from math import ceil, inf

import structlog

from keepers.model.errors import BallastError
from keepers.model.errors.transaction import StaleLeaseError
from keepers.store.sending.held_lease import HeldLease

BEATS = 3
"""Heartbeats in the time of a lease, so that one that fails or is late does not lose it."""

LAST_BEAT_SECONDS = 0.5
"""How long the end waits for a heartbeat that is under way."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@contextmanager
def heartbeat(
    lease: HeldLease,
    *,
    alive: Callable[[], bool],
    lost: Callable[[], object],
    ask_seconds: float = inf,
) -> Generator[None]:
    """Renew a lease from a thread, also while its holder waits for something or computes.

    A process that is killed or frozen renews nothing. One whose work hangs is told apart by
    `alive`. A lease that is over is never acquired again here: what its holder does was decided
    while it had the lease, and another keeper may have worked since.

    Args:
        lease: Renewed whenever it is held.
        alive: Whether the holder still works; while it does not, nothing is renewed.
        lost: Told when the lease was over before it was renewed.
        ask_seconds: How often `alive` is asked at least; it is asked at each heartbeat in any case.
    """
    ended = threading.Event()
    beat_seconds = lease.seconds / BEATS
    asks = max(1, ceil(beat_seconds / ask_seconds))

    def beat() -> None:
        asked, pause = 0, beat_seconds / asks
        due = time.monotonic() + pause
        while not ended.wait(max(0.0, due - time.monotonic())):
            # Counted from its beginning: what a renewal itself takes does not delay the next one.
            due = max(due + pause, time.monotonic())
            asked += 1
            if not alive() or asked < asks:
                continue
            asked = 0
            try:
                lease.heartbeat()
            except StaleLeaseError:
                _log.info("lease_lost", lease=lease.scope)
                lost()
            except BallastError:
                continue  # the database is away; whoever works says so

    thread = threading.Thread(target=beat, name=f"heartbeat {lease.scope}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LAST_BEAT_SECONDS)
