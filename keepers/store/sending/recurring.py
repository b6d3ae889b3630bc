"""Up to where the events of recurring rebalancers were read."""

from __future__ import annotations

from keepers.model.chain_events import BlockCursor
from keepers.store.sending.event_store import SqlWatchLedger
from keepers.store.sending.held_lease import HeldLease


class FailurePlaces:
    """The engine's `Places`: how far a scope's events were read, as it is with a vault's."""

    def __init__(self, ledger: SqlWatchLedger, lease: HeldLease) -> None:
        self._ledger = ledger
        self._lease = lease

    def known(self) -> tuple[BlockCursor, ...]:
        """The blocks up to which everything was read, the newest first."""
        return self._ledger.places()

    def keep(self, until: BlockCursor) -> None:
        """Everything is read up to here; a block that is gone is forgotten, and those above it."""
        self._lease.acquire()
        self._ledger.step_back(until.number - 1)
        self._ledger.keep((), until)
