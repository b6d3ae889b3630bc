"""A lease that is held: writes under it, and its renewal."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import TypeVar

from keepers.model.errors.transaction import StaleLeaseError
from keepers.model.transactions.records import LeaseGrant
from keepers.store.sending.leases import (
    acquire_lease,
    prolong_lease,
    release_lease,
    renew_lease,
)
from keepers.store.sending.transact import Ledger, Writing

T = TypeVar("T")

OF_THE_LEASE = frozenset({"renew", "release"})
"""Writes that are about the lease itself."""


class HeldLease:
    """The lease on one scope, as one keeper holds it.

    One thread acquires it, writes under it and releases it. `heartbeat` may be called by another.
    """

    def __init__(self, ledger: Ledger, scope: str, holder: str, seconds: int) -> None:
        self.scope = scope
        self.holder = holder
        self._ledger = ledger
        self.seconds = seconds
        self._grant: LeaseGrant | None = None
        self._granting = threading.Lock()

    def acquire(self) -> None:
        """Get it, or have it for longer once half of it is over.

        Raises:
            LeaseHeldError: Somebody else has it.
        """
        if self._grant is not None and self._lasts(self._ledger.now()):
            return
        if self._grant is not None:
            with suppress(StaleLeaseError):
                self._have(self.write("renew", lambda w: renew_lease(w, self.seconds)))
                return
        self._have(
            self._ledger.transact(
                "acquire", lambda w: acquire_lease(w, self.scope, self.holder, self.seconds)
            )
        )

    def heartbeat(self) -> None:
        """Have it for longer, if it is held; it is never acquired here.

        Raises:
            StaleLeaseError: It is over. Whoever works under it may only go on after `acquire`.
        """
        grant = self._grant
        if grant is None:
            return
        longer = self._ledger.transact("heartbeat", lambda w: prolong_lease(w, self.seconds), grant)
        with self._granting:
            if self._grant is grant:
                self._grant = longer

    def release(self) -> None:
        """Give it back, if it is held; somebody else may have it already."""
        if self._grant is not None:
            with suppress(StaleLeaseError):
                self.write("release", release_lease)
        self._have(None)

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one transaction, if the lease is not over; have it for longer where that is due.

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

        result = self._ledger.transact(name, renewing, self._grant)
        if longer:
            self._have(longer[0])
        return result

    def _have(self, grant: LeaseGrant | None) -> None:
        with self._granting:
            self._grant = grant

    def _lasts(self, now: datetime) -> bool:
        """Whether more than half of it is left."""
        grant = self._grant
        assert grant is not None  # noqa: S101 - the caller looked
        left = (grant.expires_at - now).total_seconds()
        return left * 2 > self.seconds
