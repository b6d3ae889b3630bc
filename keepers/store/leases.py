"""Leases: acquired, renewed and released by database time; writes under a held lease."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from math import ceil, inf
from typing import TypeVar

import structlog
from sqlalchemy import select, update

from keepers.model.errors import BallastError
from keepers.model.errors.transaction import LeaseHeldError, StaleLeaseError
from keepers.model.transaction_records import LeaseGrant
from keepers.model.transaction_states import EntityType, LeaseState, Transition
from keepers.store.database import Database, Writing
from keepers.store.tables import leases
from keepers.store.transitions import begin, move


def acquire_lease(writing: Writing, scope: str, holder: str, seconds: int) -> LeaseGrant:
    """Acquire a free or expired lease; its former holder is fenced off.

    A holder may also acquire its own lease, as after a restart under the same name.

    Raises:
        LeaseHeldError: Another keeper holds it.
    """
    query = select(leases).where(leases.c.scope == scope)
    row = writing.connection.execute(query).mappings().first()
    epoch = 1 if row is None else row["epoch"] + 1
    grant = LeaseGrant(
        scope=scope, holder=holder, epoch=epoch, expires_at=writing.now + timedelta(seconds=seconds)
    )
    terms = {"holder": holder, "epoch": epoch, "expires_at": grant.expires_at}
    if row is None:
        begin(writing, EntityType.LEASE, LeaseState.HELD, Transition.ACQUIRE, scope=scope, **terms)
    elif row["state"] == LeaseState.FREE:
        move(writing, EntityType.LEASE, scope, LeaseState.HELD, Transition.ACQUIRE, **terms)
    elif row["holder"] == holder or row["expires_at"] <= writing.now:
        move(writing, EntityType.LEASE, scope, LeaseState.HELD, Transition.TAKE_OVER, **terms)
    else:
        raise LeaseHeldError(scope, row["holder"])
    return grant


def renew_lease(writing: Writing, seconds: int) -> LeaseGrant:
    """Renew this transaction's lease from now on. It must not have expired."""
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    move(writing, EntityType.LEASE, held.scope, LeaseState.HELD, Transition.RENEW, expires_at=until)
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def prolong_lease(writing: Writing, seconds: int) -> LeaseGrant:
    """Renew this transaction's lease without an event, for heartbeats.

    Heartbeats occur every few seconds while a keeper runs, and change no state.
    """
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    mine = leases.c.scope == held.scope
    writing.connection.execute(update(leases).where(mine).values(expires_at=until))
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def release_lease(writing: Writing) -> None:
    """Release this transaction's lease."""
    scope = _held(writing).scope
    terms = {"holder": None, "expires_at": None}
    move(writing, EntityType.LEASE, scope, LeaseState.FREE, Transition.RELEASE, **terms)


def _held(writing: Writing) -> LeaseGrant:
    if writing.lease is None:
        raise StaleLeaseError("nothing", 0)
    return writing.lease


T = TypeVar("T")

OF_THE_LEASE = frozenset({"renew", "release"})
"""Writes to the lease itself."""


class HeldLease:
    """Lease on one scope, held by this keeper.

    One thread acquires, writes and releases. Another thread may call `heartbeat`.
    """

    def __init__(self, database: Database, scope: str, holder: str, seconds: int) -> None:
        self.scope = scope
        self.holder = holder
        self._database = database
        self.seconds = seconds
        self._grant: LeaseGrant | None = None
        self._granting = threading.Lock()

    def acquire(self) -> None:
        """Acquire the lease, or renew it once half of its time has passed.

        Raises:
            LeaseHeldError: Another keeper holds it.
        """
        if self._grant is not None and self._lasts(self._database.now()):
            return
        if self._grant is not None:
            with suppress(StaleLeaseError):
                self._have(self.write("renew", lambda w: renew_lease(w, self.seconds)))
                return
        self._have(
            self._database.transact(
                "acquire", lambda w: acquire_lease(w, self.scope, self.holder, self.seconds)
            )
        )

    def heartbeat(self) -> None:
        """Renew the lease if it is held; never acquire it.

        Raises:
            StaleLeaseError: It has expired. The holder must call `acquire` to continue.
        """
        grant = self._grant
        if grant is None:
            return
        longer = self._database.transact(
            "heartbeat", lambda w: prolong_lease(w, self.seconds), grant
        )
        with self._granting:
            if self._grant is grant:
                self._grant = longer

    def release(self) -> None:
        """Release the lease if it is held; another keeper may already hold it."""
        if self._grant is not None:
            with suppress(StaleLeaseError):
                self.write("release", release_lease)
        self._have(None)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one transaction under the lease; renew it if due.

        So a keeper that is busy for longer than the lease's time keeps it.

        Raises:
            StaleLeaseError: It has expired or was never held; nothing was written.
        """
        if self._grant is None:
            raise StaleLeaseError(self.scope, 0)
        longer: list[LeaseGrant] = []

        def renewing(writing: Writing) -> T:
            result = work(writing)
            if name not in OF_THE_LEASE and not self._lasts(writing.now):
                longer.append(renew_lease(writing, self.seconds))
            return result

        result = self._database.transact(name, renewing, self._grant)
        if longer:
            self._have(longer[0])
        return result

    def _have(self, grant: LeaseGrant | None) -> None:
        with self._granting:
            self._grant = grant

    def _lasts(self, now: datetime) -> bool:
        """Return whether more than half of the lease's time is left."""
        grant = self._grant
        assert grant is not None  # noqa: S101 - checked by the caller
        left = (grant.expires_at - now).total_seconds()
        return left * 2 > self.seconds


BEATS = 3
"""Heartbeats per lease duration, so that a failed or late one does not lose the lease."""

LAST_BEAT_SECONDS = 0.5
"""Maximum wait at exit for a heartbeat in progress."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger()


@contextmanager
def heartbeat(
    lease: HeldLease,
    *,
    alive: Callable[[], bool],
    lost: Callable[[], object],
    ask_seconds: float = inf,
) -> Generator[None]:
    """Renew a lease from a thread, also while its holder waits or computes.

    A killed or frozen process renews nothing; `alive` detects one whose work hangs. An expired
    lease is never acquired again here: the holder's decisions were made under the old lease, and
    another keeper may have written since.

    Args:
        lease: Renewed whenever it is held.
        alive: Whether the holder still makes progress; otherwise nothing is renewed.
        lost: Called if the lease expired before it was renewed.
        ask_seconds: Maximum interval between calls of `alive`, which each heartbeat calls as well.
    """
    ended = threading.Event()
    beat_seconds = lease.seconds / BEATS
    asks = max(1, ceil(beat_seconds / ask_seconds))

    def beat() -> None:
        asked, pause = 0, beat_seconds / asks
        due = time.monotonic() + pause
        while not ended.wait(max(0.0, due - time.monotonic())):
            # Measured from the start: the duration of a renewal does not delay the next one.
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
                continue  # the database is unavailable; the next write raises

    thread = threading.Thread(target=beat, name=f"heartbeat {lease.scope}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LAST_BEAT_SECONDS)
