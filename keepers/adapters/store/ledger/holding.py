"""A lease that is held: writes under it, and its renewal."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from keepers.adapters.store.ledger.leases import acquire_lease, release_lease, renew_lease
from keepers.adapters.store.ledger.transact import Ledger, Writing
from keepers.domain.errors_transaction import StaleLease
from keepers.domain.transaction.records import LeaseGrant

T = TypeVar("T")


class HeldLease:
    """The lease on one scope, as one keeper holds it. Not to be shared between threads."""

    def __init__(self, ledger: Ledger, scope: str, holder: str, seconds: int) -> None:
        self.scope = scope
        self.holder = holder
        self._ledger = ledger
        self._seconds = seconds
        self._grant: LeaseGrant | None = None

    def acquire(self) -> None:
        """Get it, or have it for longer once half of it is over.

        Raises:
            LeaseHeld: Somebody else has it.
        """
        if self._grant is not None and self._lasts():
            return
        if self._grant is not None:
            with suppress(StaleLease):
                self._grant = self.write("renew", lambda w: renew_lease(w, self._seconds))
                return
        self._grant = self._ledger.transact(
            "acquire", lambda w: acquire_lease(w, self.scope, self.holder, self._seconds)
        )

    def release(self) -> None:
        """Give it back, if it is held; somebody else may have it already."""
        if self._grant is not None:
            with suppress(StaleLease):
                self.write("release", release_lease)
        self._grant = None

    def write(self, name: str, work: Callable[[Writing], T]) -> T:
        """Write in one transaction, if the lease is not over.

        Raises:
            StaleLease: It is, or it was never held; nothing was written.
        """
        if self._grant is None:
            raise StaleLease(self.scope, 0)
        return self._ledger.transact(name, work, self._grant)

    def _lasts(self) -> bool:
        """Whether more than half of it is left."""
        assert self._grant is not None  # noqa: S101 - the caller looked
        left = (self._grant.expires_at - self._ledger.now()).total_seconds()
        return left * 2 > self._seconds
