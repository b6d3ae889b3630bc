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
    """Get a lease that is free or expired; its former holder is fenced off.

    A holder's own lease may be taken over too, as after a restart under the same name.

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
    """Hold the lease of this transaction for longer, from now on. It may not have expired."""
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    move(writing, EntityType.LEASE, held.scope, LeaseState.HELD, Transition.RENEW, expires_at=until)
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def prolong_lease(writing: Writing, seconds: int) -> LeaseGrant:
    """Hold the lease of this transaction for longer, as a heartbeat does: without an event.

    A heartbeat comes every few seconds for as long as a keeper runs, and changes no state.
    """
    held = _held(writing)
    until = writing.now + timedelta(seconds=seconds)
    mine = leases.c.scope == held.scope
    writing.connection.execute(update(leases).where(mine).values(expires_at=until))
    return LeaseGrant(scope=held.scope, holder=held.holder, epoch=held.epoch, expires_at=until)


def release_lease(writing: Writing) -> None:
    """Give the lease of this transaction back."""
    scope = _held(writing).scope
    terms = {"holder": None, "expires_at": None}
    move(writing, EntityType.LEASE, scope, LeaseState.FREE, Transition.RELEASE, **terms)


def _held(writing: Writing) -> LeaseGrant:
    if writing.lease is None:
        raise StaleLeaseError("nothing", 0)
    return writing.lease


T = TypeVar("T")

OF_THE_LEASE = frozenset({"renew", "release"})
"""Writes that are about the lease itself."""


class HeldLease:
    """The lease on one scope, as one keeper holds it.

    One thread acquires it, writes under it and releases it. `heartbeat` may be called by another.
    """

    def __init__(self, database: Database, scope: str, holder: str, seconds: int) -> None:
        self.scope = scope
        self.holder = holder
        self._database = database
        self.seconds = seconds
        self._grant: LeaseGrant | None = None
        self._granting = threading.Lock()

    def acquire(self) -> None:
        """Get it, or have it for longer once half of it is over.

        Raises:
            LeaseHeldError: Another keeper has it.
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
        """Have it for longer, if it is held; it is never acquired here.

        Raises:
            StaleLeaseError: It is over. Its holder may only continue after `acquire`.
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
        """Give it back, if it is held; another keeper may have it already."""
        if self._grant is not None:
            with suppress(StaleLeaseError):
                self.write("release", release_lease)
        self._have(None)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one transaction, if the lease is not over; renew it where that is due.

        So a keeper that is busy for longer than its lease keeps it.

        Raises:
            StaleLeaseError: It is, or it was never held; nothing was written.
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
        """Return whether more than half of it is left."""
        grant = self._grant
        assert grant is not None  # noqa: S101 - the caller looked
        left = (grant.expires_at - now).total_seconds()
        return left * 2 > self.seconds


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

    A process that is killed or frozen renews nothing; `alive` recognises one whose work hangs.
    A lease that is over is never acquired again here: what its holder does was decided
    while it had the lease, and another keeper may have worked since.

    Args:
        lease: Renewed whenever it is held.
        alive: Whether the holder still works; while it does not, nothing is renewed.
        lost: Called when the lease was over before it was renewed.
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
                continue  # the database is away; the next write raises it

    thread = threading.Thread(target=beat, name=f"heartbeat {lease.scope}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join(LAST_BEAT_SECONDS)
